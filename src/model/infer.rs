//! The architecture of a file that does not describe it, read off its tensors' names and shapes.

use std::collections::BTreeMap;

use super::architecture::{Architecture, Pool, Stage, Stem};

/// The ResNeXt that tensors of these names and shapes make up.
///
/// Shapes do not show strides: the stem and all stages but the first are taken to halve the resolution, and a 7x7 stem to
/// be followed by a 3x3/2 max pool, as torchvision's are. Anything else needs `architecture` in the metadata.
///
/// # Errors
/// With a clause that says what is missing, when this is no ResNeXt.
pub fn infer_architecture(shapes: &BTreeMap<String, Vec<usize>>) -> Result<Architecture, String> {
    let dims = |name: &str| match shapes.get(name).map(Vec::as_slice) {
        Some(&[a, b, c, d]) => Ok([a, b, c, d]),
        Some(other) => Err(format!("`{name}` has shape {other:?}, not four dimensions")),
        None => Err(format!("there is no `{name}`")),
    };
    let [out, _, kernel, _] = dims("conv1.weight")?;
    let pool = (kernel == 7).then_some(Pool { kernel: 3, stride: 2 });
    let mut stages = Vec::new();
    loop {
        let layer = stages.len() + 1;
        let blocks = (0..).take_while(|b| shapes.contains_key(&format!("layer{layer}.{b}.conv1.weight"))).count();
        if blocks == 0 {
            break;
        }
        let [width, per_group, ..] = dims(&format!("layer{layer}.0.conv2.weight"))?;
        let [out, ..] = dims(&format!("layer{layer}.0.conv3.weight"))?;
        if per_group == 0 || width % per_group != 0 {
            return Err(format!(
                "`layer{layer}.0.conv2.weight` has {per_group} input channels a group for {width} channels"
            ));
        }
        stages.push(Stage { blocks, out, width, groups: width / per_group, stride: if layer == 1 { 1 } else { 2 } });
    }
    let architecture = Architecture { family: "resnext".into(), stem: Stem { out, kernel, stride: 2, pool }, stages };
    architecture.check()?;
    Ok(architecture)
}

#[cfg(test)]
mod tests {
    use super::super::architecture::tests::resnext50;
    use super::*;

    #[test]
    fn torchvisions_resnext50_is_recognised_and_a_basic_block_is_not() {
        let mut shapes: BTreeMap<_, _> = resnext50().tensors(1000).into_iter().collect();
        assert_eq!(infer_architecture(&shapes), Ok(resnext50()));
        shapes.remove("layer2.0.conv3.weight");
        assert_eq!(infer_architecture(&shapes), Err("there is no `layer2.0.conv3.weight`".into()));
        assert_eq!(infer_architecture(&BTreeMap::new()), Err("there is no `conv1.weight`".into()));
    }
}
