//! The engine as candle sees it.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, bail};

use super::Engine;

impl CustomOp1 for &Engine {
    fn name(&self) -> &'static str {
        "resnext-features"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (count, channels, height, width) = layout.shape().dims4()?;
        let Some((start, end)) = layout.contiguous_offsets() else { bail!("the pictures are not contiguous") };
        if (channels, height, width) != (3, self.input.height, self.input.width) {
            bail!("pictures of [{channels}, {height}, {width}] for a network of {:?}", self.input);
        }
        let features = self.features(&storage.as_slice::<f32>()?[start..end]);
        Ok((CpuStorage::F32(features), Shape::from((count, self.features))))
    }
}
