//! Which device the network runs on.

use std::str::FromStr;

use candle_core::{Device, utils};

use super::{error::ModelError, info::NetworkInfo};

/// What the user asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceChoice {
    /// CUDA or Metal where compiled in and present, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// This CUDA device.
    Cuda(usize),
    /// The first Metal device.
    Metal,
}

impl FromStr for DeviceChoice {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, ModelError> {
        let unknown = || {
            let text = crate::domain::printable(text);
            ModelError::Device(format!("device `{text}` is not known; use auto, cpu, cuda, cuda:N or metal"))
        };
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(0)),
            "metal" => Ok(Self::Metal),
            _ => text.strip_prefix("cuda:").and_then(|n| n.parse().ok()).map(Self::Cuda).ok_or_else(unknown),
        }
    }
}

impl DeviceChoice {
    /// Opens the device.
    pub(crate) fn open(self) -> Result<Device, ModelError> {
        let absent = |kind: &str, e: candle_core::Error| {
            let e = e.to_string();
            let first = e.lines().next().unwrap_or_default();
            ModelError::Device(format!("{kind} cannot be used ({first}); check the driver or use --device cpu"))
        };
        let not_built = |feature: &str| {
            ModelError::Device(format!(
                "this program was built without {feature}; build it with `cargo build --release --features {feature}`, \
                 or use --device cpu"
            ))
        };
        match self {
            Self::Cpu => Ok(Device::Cpu),
            Self::Cuda(_) if !utils::cuda_is_available() => Err(not_built("cuda")),
            Self::Cuda(n) => Device::new_cuda(n).map_err(|e| absent(&format!("CUDA device {n}"), e)),
            Self::Metal if !utils::metal_is_available() => Err(not_built("metal")),
            Self::Metal => Device::new_metal(0).map_err(|e| absent("Metal", e)),
            // A GPU that does not answer is no reason to stop a review: the CPU does the same, slower.
            Self::Auto => Ok(Device::cuda_if_available(0)
                .ok()
                .filter(Device::is_cuda)
                .or_else(|| Device::metal_if_available(0).ok().filter(Device::is_metal))
                .unwrap_or(Device::Cpu)),
        }
    }
}

/// The device as people read it: `CPU (2 threads)`, `CUDA device 0`, `Metal`.
pub(super) fn name(device: &Device) -> String {
    match device.location() {
        candle_core::DeviceLocation::Cuda { gpu_id } => format!("CUDA device {gpu_id}"),
        candle_core::DeviceLocation::Metal { .. } => "Metal".into(),
        candle_core::DeviceLocation::Cpu => match utils::get_num_threads() {
            1 => "CPU (1 thread)".into(),
            n => format!("CPU ({n} threads)"),
        },
    }
}

/// Images that a device can be expected to compute at once: what a third of its free memory holds, where that is known.
pub(super) fn images_at_once(device: &Device, info: &NetworkInfo) -> usize {
    let bytes = info.architecture.largest_layer(info.input.size) as u64 * size_of::<f32>() as u64;
    free_memory(device).map_or(usize::MAX, |free| (free / 3 / bytes.max(1)).max(1) as usize)
}

#[cfg(feature = "cuda")]
fn free_memory(device: &Device) -> Option<u64> {
    use candle_core::cuda_backend::cudarc::driver::result::mem_get_info;
    let free = |_: &candle_core::CudaDevice| mem_get_info().ok().map(|(free, _)| free as u64);
    device.as_cuda_device().ok().and_then(free)
}

/// Only CUDA says how much memory is free.
#[cfg(not(feature = "cuda"))]
fn free_memory(_: &Device) -> Option<u64> {
    None
}

/// The devices that `auto` would choose among, the chosen one first.
pub fn available_devices() -> Vec<String> {
    let open = |choice: DeviceChoice| choice.open().ok().map(|d| name(&d));
    [DeviceChoice::Cuda(0), DeviceChoice::Metal, DeviceChoice::Cpu].into_iter().filter_map(open).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_devices_are_read() {
        for (text, choice) in [("auto", DeviceChoice::Auto), ("cpu", DeviceChoice::Cpu), ("metal", DeviceChoice::Metal)]
        {
            assert_eq!(text.parse::<DeviceChoice>().expect(text), choice);
        }
        assert_eq!("cuda:3".parse::<DeviceChoice>().expect("cuda:3"), DeviceChoice::Cuda(3));
        assert_eq!("cuda".parse::<DeviceChoice>().expect("cuda"), DeviceChoice::Cuda(0));
        for bad in ["", "gpu", "cuda:", "cuda:x", "CPU"] {
            let said = bad.parse::<DeviceChoice>().expect_err(bad).to_string();
            assert!(said.contains("use auto, cpu"), "{said}");
        }
    }

    #[test]
    fn there_is_always_a_cpu() {
        assert!(available_devices().iter().any(|d| d.starts_with("CPU (")));
        assert!(DeviceChoice::Auto.open().is_ok());
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn a_device_that_was_not_built_in_is_refused_with_the_remedy() {
        let said = DeviceChoice::Cuda(0).open().expect_err("not built in").to_string();
        assert!(said.contains("--features cuda") && said.contains("--device cpu"), "{said}");
    }
}
