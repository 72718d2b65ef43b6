//! A network that has computed a picture keeps the memory it took: the next ones allocate nothing layer by layer.

use leukoscope::{
    domain::ClassTable,
    model::{DeviceChoice, Input, Network, NetworkFile},
};

#[global_allocator]
static COUNTER: dhat::Alloc = dhat::Alloc;

/// One test in this file: what another thread allocates would count.
#[test]
fn nothing_is_allocated_layer_by_layer_once_the_network_is_warm() {
    let network = Network::load(&NetworkFile::embedded(), &ClassTable::default(), DeviceChoice::Cpu)
        .expect("the default network");
    let spec = &network.info().input;
    let input = || Input::from_values(vec![0.25; spec.values()], spec).expect("an input");
    let inputs: Vec<_> = (0..9).map(|_| input()).collect();
    // Twice: whichever thread takes a picture has memory of its own.
    for _ in 0..2 {
        network.logits(&inputs).expect("logits");
    }
    let _profiler = dhat::Profiler::builder().testing().build();
    let before = dhat::HeapStats::get();
    network.logits(&inputs).expect("logits");
    let after = dhat::HeapStats::get();
    let (blocks, bytes) = (after.total_blocks - before.total_blocks, after.total_bytes - before.total_bytes);
    let pictures = (inputs.len() * spec.values() * size_of::<f32>()) as u64;
    println!("{blocks} allocations of {bytes} bytes for {} pictures of {pictures} bytes", inputs.len());
    // 9 pictures go through 32 layers; the batch, its features and its logits are allocated anew.
    assert!(blocks < 9 * 32 / 2, "{blocks} allocations");
    assert!(bytes < 3 * pictures, "{bytes} bytes");
}
