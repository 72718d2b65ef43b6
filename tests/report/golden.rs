//! Golden pages: HTML without its pictures, and what stands where on the PDF's sheets.

use leukoscope::export::page::{SHIPPED_TEMPLATE, outline, to_html, to_pdf};

use super::drawn::{LEUKAEMIC, NORMAL, record};

/// HTML with a word for each picture's bytes.
fn without_pictures(html: &str) -> String {
    let mut parts = html.split("data:image/jpeg;base64,");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str("data:PICTURE");
        out.push_str(&part[part.find('"').expect("an end of the attribute")..]);
    }
    out
}

#[test]
fn a_normal_case_is_one_sheet() {
    let page = record("P7 <b>&\"x\x1b[2J", NORMAL).signed().page(None);
    let html = to_html(&page, SHIPPED_TEMPLATE).expect("HTML");
    assert!(html.len() <= 1_000_000, "{} bytes", html.len());
    insta::assert_snapshot!("normal_html", without_pictures(&html));
    insta::assert_snapshot!("normal_pdf", outline(&page).expect("sheets"));
    let pdf = to_pdf(&page).expect("a PDF");
    assert_eq!(pdf.sheets, 1, "a normal case is one sheet of A4");
    assert_eq!(pdf.lacking.iter().collect::<String>(), "中");
    assert!(pdf.bytes.starts_with(b"%PDF-1.7") && pdf.bytes.len() < 1_000_000);
    assert_eq!(pdf.bytes, to_pdf(&page).expect("a PDF").bytes);
}

#[test]
fn a_leukaemic_case_begins_with_its_blasts_and_says_that_it_is_preliminary() {
    let page = record("P8", LEUKAEMIC).page(Some(0));
    let first = page.gallery.first().expect("groups");
    assert!(first.blast && first.code == "MYO");
    assert_eq!(page.banners[0].word, "PRELIMINARY");
    let html = to_html(&page, SHIPPED_TEMPLATE).expect("HTML");
    assert!(html.len() <= 1_000_000, "{} bytes", html.len());
    insta::assert_snapshot!("leukaemic_html", without_pictures(&html));
    let pdf = to_pdf(&page).expect("a PDF");
    assert!(pdf.sheets <= 2);
    let text = outline(&page).expect("sheets");
    assert!(text.contains("PRELIMINARY"));
    assert_eq!(text.matches("Figure(\"myeloblast, cell").count(), first.shots.len() - 1, "one is lost");
    assert!(text.contains("not found"), "the lost one is named in its place");
}

#[test]
fn nothing_leads_out_of_the_page_and_everything_has_words() {
    let page = record("P8", LEUKAEMIC).signed().page(None);
    let html = to_html(&page, SHIPPED_TEMPLATE).expect("HTML");
    for out in ["http://", "https://", "<script", "<link", "url(", "@import"] {
        assert!(!html.contains(out), "{out}");
    }
    assert!(html.contains("<html lang=\"en\">"));
    let images = html.matches("<img ").count();
    assert!(images >= 12 && html.matches(" alt=\"").count() == images && !html.contains(" alt=\"\""));
    let bars = html.matches("<svg class=\"bar\"").count();
    assert_eq!(bars, page.rows.len() + 1);
    assert_eq!(html.matches("<svg class=\"bar\" role=\"img\"").count(), bars);
    let heads = html.matches("<th ").count();
    assert_eq!(html.matches("<th scope=\"").count(), heads);
}

#[test]
fn values_outside_their_range_are_marked_in_words() {
    let page = record("P8", LEUKAEMIC).page(None);
    let verdict = |code: &str| page.rows.iter().find(|r| r.code == code).map(|r| (r.verdict.as_str(), r.outside));
    assert_eq!(verdict("MYO"), Some(("above", true)));
    assert_eq!(verdict("NGS"), Some(("below", true)));
    assert_eq!(verdict("LYT"), Some(("below, uncertain", true)));
    assert_eq!(verdict("MON"), Some(("within", false)));
    assert_eq!((page.blasts.count, page.blasts.verdict.as_str()), (68, "above"));
    assert!(
        page.not_found.contains("metamyelocyte") && !page.not_found.contains("promyelocyte;"),
        "{}",
        page.not_found
    );
}

#[test]
fn a_template_of_ones_own_is_used_and_its_problems_have_lines() {
    let page = record("P7 & <co>", NORMAL).page(None);
    let own = to_html(&page, "{% for r in page.rows %}{{ r.code }}={{ r.count }};{% endfor %}{{ page.case }}");
    assert_eq!(own.as_deref(), Ok("NGS=118;NGB=6;LYT=55;MON=13;EOS=6;BAS=2;P7 &amp; &lt;co&gt;"));
    let problem = |template: &str| to_html(&page, template).expect_err("a problem").to_string();
    let unknown = problem("<p>\n{{ page.patient }}\n");
    assert!(unknown.starts_with("2: undefined value"), "{unknown}");
    let open = problem("<p>\n\n{% if page.rows %}\n");
    assert!(open.starts_with("4: ") || open.starts_with("3: "), "{open}");
    let filter = problem("{{ page.rows|nosuch }}");
    assert!(filter.starts_with("1: ") && filter.contains("nosuch"), "{filter}");
}
