//! What a receiver answers: MSA and ERR of an acknowledgement.

use crate::domain::printable;

/// What the receiver made of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// AA, CA: it has it.
    Accepted,
    /// AE, CE: something about the message is wrong for it; the same message may be right another time.
    Error,
    /// AR, CR: it does not take such a message.
    Rejected,
}

/// An acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// MSA-1.
    pub answer: Answer,
    /// MSA-2: the control id of the message that it is about.
    pub control_id: String,
    /// The code and what the receiver said beside it, for people, on one line.
    pub text: String,
}

impl Acknowledgement {
    /// Reads an acknowledgement; `None`: there is no MSA with a code that HL7 knows (table 0008).
    pub fn parse(message: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(message);
        let segments: Vec<&str> = text.split(['\r', '\n']).map(str::trim).filter(|s| !s.is_empty()).collect();
        let separator = segments.first()?.strip_prefix("MSH")?.chars().next()?;
        let named = |name: &'static str| {
            segments.iter().map(move |s| s.split(separator).collect::<Vec<_>>()).filter(move |s| s[0] == name)
        };
        let msa = named("MSA").next()?;
        let code = msa.get(1)?.trim();
        let answer = match code {
            "AA" | "CA" => Answer::Accepted,
            "AE" | "CE" => Answer::Error,
            "AR" | "CR" => Answer::Rejected,
            _ => return None,
        };
        // MSA-3 and MSA-6, and of each ERR: code and place (1, before v2.5), the error's code (3, and 5 of the application), diagnostics
        // (7) and the message for the user (8); its severity is left out.
        let field = |segment: &[&str], i: usize| segment.get(i).copied().unwrap_or_default().trim().to_owned();
        let errors = named("ERR").flat_map(|err| [1, 3, 5, 7, 8].map(|i| field(&err, i)));
        let said = [field(&msa, 3), field(&msa, 6)].into_iter().chain(errors);
        let mut words = vec![code.to_owned()];
        words.extend(said.filter(|s| !s.is_empty()));
        let control_id = field(&msa, 2);
        Some(Self { answer, control_id, text: printable(&words.join(" ")).into_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_modes_are_read_with_what_is_said_beside_them() {
        let ack = |segments: &str| {
            Acknowledgement::parse(format!("MSH|^~\\&|LIS||||1||ACK|9|P|2.5.1\r{segments}").as_bytes())
        };
        let accepted = ack("MSA|AA|ID1\r").expect("an answer");
        assert_eq!(
            (accepted.answer, accepted.control_id.as_str(), accepted.text.as_str()),
            (Answer::Accepted, "ID1", "AA")
        );
        let refused =
            ack("MSA|AE|ID1|no such patient\nERR||PID^1^3|204^Unknown key identifier|E||||ask the ward\x1b[2J\r")
                .expect("an answer");
        assert_eq!(refused.answer, Answer::Error);
        assert_eq!(refused.text, "AE no such patient 204^Unknown key identifier ask the ward\\u{1b}[2J");
        assert_eq!(ack("MSA|CR|ID1\r").map(|a| a.answer), Some(Answer::Rejected));
        assert_eq!(
            (ack("MSA|XX|ID1\r"), ack(""), Acknowledgement::parse(b"\xff\xfe"), Acknowledgement::parse(b"")),
            (None, None, None, None)
        );
    }
}
