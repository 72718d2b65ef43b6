//! The methods, and what they are called.

use std::str::FromStr;

/// How a map is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Simonyan et al. 2013 (arXiv:1312.6034): the absolute gradient of the class's score at the input, the largest over the
    /// channels. The paper of Matek et al. shows this one. It is what the score hangs on px by px, and therefore noisy.
    Gradient,
    /// Integrated gradients (Sundararajan et al. 2017, arXiv:1703.01365) from an empty field of the smear's own colour, smoothed
    /// over 0.7 um, and of them what speaks for the class.
    Integrated,
}

/// A method that there is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no method; use gradient or integrated")]
pub struct UnknownMethod(String);

impl Method {
    /// All of them, in the order of the panels.
    pub const ALL: [Self; 2] = [Self::Gradient, Self::Integrated];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gradient => "gradient",
            Self::Integrated => "integrated",
        }
    }

    /// Its name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Gradient => "Gradient (Simonyan 2013)",
            Self::Integrated => "Integrated gradients (Sundararajan 2017)",
        }
    }
}

impl FromStr for Method {
    type Err = UnknownMethod;

    fn from_str(name: &str) -> Result<Self, UnknownMethod> {
        Self::ALL.into_iter().find(|m| m.name() == name).ok_or_else(|| UnknownMethod(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read() {
        assert!(Method::ALL.iter().all(|m| m.name().parse() == Ok(*m)));
        assert!("gradcam".parse::<Method>().is_err_and(|e| e.to_string().contains("use gradient or integrated")));
    }
}
