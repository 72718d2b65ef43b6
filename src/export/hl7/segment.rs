//! One segment of HL7 v2: fields by their numbers, with everything that came from outside escaped.

use std::fmt::Write;

use crate::domain::steers;

/// A segment. Field 1 of MSH is the separator itself, which [`Segment::msh`] takes care of.
pub(super) struct Segment {
    name: &'static str,
    fields: Vec<String>,
}

impl Segment {
    /// An empty segment.
    pub fn new(name: &'static str) -> Self {
        Self { name, fields: Vec::new() }
    }

    /// A message header with the usual separators.
    pub fn msh() -> Self {
        Self { name: "MSH", fields: vec![String::new(), "^~\\&".to_owned()] }
    }

    /// Sets field `number`, counted from 1, to text that is of HL7's form already.
    pub fn raw(mut self, number: usize, field: impl Into<String>) -> Self {
        if self.fields.len() < number {
            self.fields.resize(number, String::new());
        }
        self.fields[number - 1] = field.into();
        self
    }

    /// Sets field `number` to one text.
    pub fn text(self, number: usize, text: &str) -> Self {
        let text = escaped(text);
        self.raw(number, text)
    }

    /// Sets field `number` to components.
    pub fn parts(self, number: usize, parts: &[&str]) -> Self {
        let parts: Vec<_> = parts.iter().map(|p| escaped(p)).collect();
        self.raw(number, parts.join("^").trim_end_matches('^'))
    }

    /// The segment with its carriage return.
    pub fn line(&self) -> String {
        let fields = if self.name == "MSH" { &self.fields[1..] } else { &self.fields[..] };
        let mut line = format!("{}|{}", self.name, fields.join("|"));
        line.truncate(line.trim_end_matches('|').len());
        line.push('\r');
        line
    }
}

/// Text with the separators, line breaks and whatever steers a terminal or frames a message as escape sequences (HL7 v2.5.1,
/// chapter 2.7). Letters of every language stay as they are: the message says that it is UTF-8.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.trim().chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '|' => out.push_str("\\F\\"),
            '^' => out.push_str("\\S\\"),
            '&' => out.push_str("\\T\\"),
            '~' => out.push_str("\\R\\"),
            '\\' => out.push_str("\\E\\"),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' => out.push_str("\\.br\\"),
            c if steers(c) => {
                out.push_str("\\X");
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    write!(out, "{byte:02X}").expect("writing to memory does not fail");
                }
                out.push('\\');
            }
            c => out.push(c),
        }
    }
    out
}

/// A time of RFC 3339 in UTC as HL7 writes it: `20261125124615.123+0000`, or a day. Nothing for what is neither: a damaged database
/// shall put no separator into a message.
pub(super) fn time(rfc3339: &str) -> String {
    if let Ok(day) = rfc3339.parse::<jiff::civil::Date>()
        && rfc3339.len() == 10
    {
        return day.strftime("%Y%m%d").to_string();
    }
    match rfc3339.strip_suffix('Z').filter(|_| rfc3339.parse::<jiff::Timestamp>().is_ok()) {
        Some(utc) => format!("{}+0000", utc.replace(['-', ':', 'T'], "")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_is_taken_for_a_separator() {
        assert_eq!(escaped("a|b^c&d~e\\f"), "a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f");
        assert_eq!(escaped(" Müller 患者\r\nzwei\n"), "Müller 患者\\.br\\zwei");
        assert_eq!(escaped("a\u{b}x\u{1c}\u{202e}"), "a\\X0B\\x\\X1C\\\\XE280AE\\");
        let line = Segment::new("NTE").raw(1, "1").text(3, "x|y").raw(5, "").line();
        assert_eq!(line, "NTE|1||x\\F\\y\r");
        assert_eq!(Segment::msh().parts(3, &["A", "", ""]).line(), "MSH|^~\\&|A\r");
    }

    #[test]
    fn times_keep_their_milliseconds_and_zone() {
        assert_eq!(time("2026-11-25T12:46:15.123Z"), "20261125124615.123+0000");
        assert_eq!((time("2026-11-25"), time("2026|\rOBX\x1b[2JZ")), ("20261125".into(), String::new()));
    }
}
