//! The differential of each patient as the network counts it, beside the one of the labels.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::domain::Interval;

/// A patient needs so many labelled WBC for a differential to mean anything.
pub const LEAST_WBC: u64 = 20;

/// WBC of one patient by class, in the order of the class list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientCounts {
    /// By the labels.
    pub labelled: Vec<u64>,
    /// By the network's top class.
    pub predicted: Vec<u64>,
}

/// A class's percentage in the two differentials of every patient.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// The class's label, or a name for several.
    pub label: String,
    /// For each patient the mean of both percentages, and the network's less the labels'.
    pub points: Vec<(f64, f64)>,
    /// Mean difference, in percentage points.
    pub bias: f64,
    /// Its 95% interval by Student's t.
    pub bias_ci95: Interval,
    /// Standard deviation (n - 1) of the differences.
    pub sd: f64,
    /// Limits of agreement: bias +- 1.96 sd.
    pub limits: Interval,
}

/// Bias and limits of agreement (Bland and Altman, Lancet 1986;327:307) of the percentage of WBC that `places` of the
/// class list make up together. Patients with fewer than `least` labelled WBC, or none by the network, are left out.
/// `None` with fewer than two patients, or when no patient has the class in either differential.
pub fn agreement(label: &str, places: &[usize], patients: &[PatientCounts], least: u64) -> Option<Agreement> {
    let percent = |counts: &[u64]| {
        let whole: u64 = counts.iter().sum();
        let part: u64 = places.iter().map(|&i| counts[i]).sum();
        (whole > 0).then(|| 100.0 * part as f64 / whole as f64)
    };
    let point = |p: &PatientCounts| {
        let (labels, network) = (percent(&p.labelled)?, percent(&p.predicted)?);
        (p.labelled.iter().sum::<u64>() >= least).then_some((0.5 * (labels + network), network - labels))
    };
    let points: Vec<(f64, f64)> = patients.iter().filter_map(point).collect();
    if points.len() < 2 || points.iter().all(|p| p.0 == 0.0) {
        return None;
    }
    let n = points.len() as f64;
    let bias = points.iter().map(|p| p.1).sum::<f64>() / n;
    let sd = (points.iter().map(|p| (p.1 - bias).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let t = StudentsT::new(0.0, 1.0, n - 1.0).ok()?.inverse_cdf(0.975);
    let around = |half: f64| Interval { lower: bias - half, upper: bias + half };
    Some(Agreement {
        label: label.to_owned(),
        points,
        bias,
        bias_ci95: around(t * sd / n.sqrt()),
        sd,
        limits: around(1.96 * sd),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patient(labelled: [u64; 3], predicted: [u64; 3]) -> PatientCounts {
        PatientCounts { labelled: labelled.into(), predicted: predicted.into() }
    }

    #[test]
    fn small_patients_and_absent_classes_are_left_out() {
        let patients = [
            patient([50, 50, 0], [60, 40, 0]),
            patient([80, 20, 0], [80, 20, 0]),
            patient([5, 5, 5], [15, 0, 0]),
            patient([30, 0, 0], [0, 0, 0]),
        ];
        let found = agreement("a", &[0], &patients, 20).expect("two patients");
        assert_eq!(found.points, [(55.0, 10.0), (80.0, 0.0)]);
        assert!((found.bias - 5.0).abs() < 1e-12 && (found.sd - 50.0_f64.sqrt()).abs() < 1e-12);
        assert!((found.limits.upper - (5.0 + 1.96 * 50.0_f64.sqrt())).abs() < 1e-12);
        assert_eq!(agreement("c", &[2], &patients, 20), None);
        assert_eq!(agreement("a", &[0], &patients[..1], 20), None);
        let both = agreement("a and b", &[0, 1], &patients, 20).expect("two patients");
        assert_eq!((both.bias, both.sd), (0.0, 0.0));
    }
}
