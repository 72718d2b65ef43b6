//! Maps of where a suggestion comes from, over the frames of the case.

use std::{borrow::Cow, sync::Arc};

use image::RgbImage;

use super::{load::CaseFolder, pictures::Painter};
use crate::{
    domain::{CellId, ClassId, ClassTable},
    explain::{self, Explainer, Method},
    model::{NetworkFile, preprocess},
    ui::PictureRequest,
};

/// Lays maps over frames. The network is planned when the first one is asked for.
pub(super) struct Explained {
    file: Arc<NetworkFile>,
    table: ClassTable,
    explainer: Option<Explainer>,
    /// The last one: another size of it needs no second computation.
    last: Option<(CellId, ClassId, RgbImage)>,
}

impl Explained {
    /// Maps of the network of `file`.
    pub fn new(file: Arc<NetworkFile>, table: &ClassTable) -> Self {
        Self { file, table: table.clone(), explainer: None, last: None }
    }

    fn over(&mut self, frame: &RgbImage, um_per_px: Option<f64>, class: ClassId) -> Result<RgbImage, String> {
        let explainer = match &mut self.explainer {
            Some(explainer) => explainer,
            none => none.insert(Explainer::load(&self.file).map_err(|e| e.to_string())?),
        };
        let spec = &self.file.info.input;
        let input = preprocess(frame, um_per_px, spec);
        let map = explainer.explain(&input, self.table.code(class), Method::Integrated).map_err(|e| e.to_string())?;
        Ok(explain::over_frame(frame, um_per_px, spec, &map))
    }
}

impl Painter for Explained {
    fn paint<'f>(
        &mut self,
        folder: &CaseFolder,
        frame: &'f RgbImage,
        request: PictureRequest,
    ) -> Result<Cow<'f, RgbImage>, String> {
        let Some(class) = request.explain else { return Ok(Cow::Borrowed(frame)) };
        if let Some((_, _, painted)) = self.last.as_ref().filter(|(cell, of, _)| (*cell, *of) == (request.cell, class))
        {
            return Ok(Cow::Owned(painted.clone()));
        }
        let painted = self.over(frame, folder.um_per_px, class)?;
        self.last = Some((request.cell, class, painted.clone()));
        Ok(Cow::Owned(painted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{app::fixture::loaded, phantom};

    #[test]
    fn a_map_lies_over_the_frame_and_another_size_of_it_is_not_computed_again() {
        let table = ClassTable::default();
        let jpeg = &phantom::demo_case(phantom::DEMO_SEED)[0].jpeg;
        let frame = crate::intake::decode(jpeg, &crate::intake::Limits::default()).expect("our own JPEG");
        let mut explained = Explained::new(Arc::new(NetworkFile::embedded()), &table);
        let folder = CaseFolder::of(&loaded(1).record);
        let class = |code: &str| table.by_code(code);
        let request = |explain| PictureRequest { cell: CellId(1), size: (9, 9), percent: 100, explain, thrift: None };
        let plain = explained.paint(&folder, &frame, request(None)).expect("the frame").into_owned();
        assert_eq!(plain, frame);
        let mut over = |code: &str| explained.paint(&folder, &frame, request(class(code))).map(Cow::into_owned);
        let first = over("NGS").expect("a map");
        assert_eq!(first.dimensions(), frame.dimensions());
        let coloured = first.pixels().filter(|p| p.0[0] > p.0[2].saturating_add(60)).count();
        assert!(coloured > 500, "{coloured} px in the warm colours of strong values");
        assert_eq!(over("NGS").expect("again"), first);
        assert_ne!(over("LYT").expect("another class"), first);
        assert!(over("MOB").is_err_and(|why| why.contains("not trained")));
    }
}
