//! The difference between two frames' pictures, for every protocol.

use std::sync::Arc;

use image::Rgb;

use super::*;

const ALL: [Protocol; 4] = [
    Protocol::Kitty(Wire::Plain),
    Protocol::Kitty(Wire::Tmux),
    Protocol::Iterm2 { by_viuer: false, wire: Wire::Plain },
    Protocol::Sixel { by_viuer: false },
];

fn picture(id: u64, area: Rect) -> WantedPicture {
    let shade = Rgb([200, 100, (id * 9) as u8]);
    WantedPicture { area, image: Arc::new(RgbImage::from_pixel(200, 200, shade)), id, bytes: Some(20_000) }
}

/// One frame's bytes: what precedes its text, what follows it, and whether anything changed.
fn frame(overlay: &mut Overlay, wanted: &[WantedPicture]) -> (String, String) {
    let mut after = Vec::new();
    let Some(change) = overlay.change(wanted) else { return Default::default() };
    let mut write = |b: &[u8]| {
        after.extend_from_slice(b);
        Ok(())
    };
    change.paint(&mut write).expect("memory does not fail");
    (String::from_utf8_lossy(&change.before).into_owned(), String::from_utf8_lossy(&after).into_owned())
}

fn area(x: u16) -> Rect {
    Rect::new(x, 1, 20, 10)
}

#[test]
fn a_picture_is_painted_once_and_taken_away_once_on_every_terminal() {
    for protocol in ALL {
        let mut overlay = Overlay::speaking(protocol, (10, 20));
        let (first, other) = (picture(1, area(2)), picture(2, area(30)));
        let both = [first.clone(), other.clone()];
        let (before, after) = frame(&mut overlay, &both);
        assert!(before.len() + after.len() > 400, "{protocol:?}");
        assert!(overlay.change(&both).is_none(), "{protocol:?}: unchanged");
        let swapped = [other.clone(), first.clone()];
        assert!(overlay.change(&swapped).is_none(), "{protocol:?}: the order does not matter");
        let (before, after) = frame(&mut overlay, std::slice::from_ref(&other));
        match protocol {
            Protocol::Kitty(Wire::Plain) => assert!(after.contains("a=d,d=i") && !after.contains("a=p"), "{after}"),
            Protocol::Kitty(Wire::Tmux) => assert_eq!((before.as_str(), after.as_str()), ("", ""), "the text is gone"),
            _ => assert_eq!(before.matches(&" ".repeat(20)).count(), 10, "{protocol:?}: blanked, and only its cells"),
        }
        frame(&mut overlay, &[]);
        assert!(overlay.change(&[]).is_none(), "{protocol:?}");
    }
}

#[test]
fn kitty_is_sent_a_picture_once_however_often_it_comes_back_or_moves() {
    let mut overlay = Overlay::speaking(Protocol::Kitty(Wire::Plain), (10, 20));
    let mut all = String::new();
    let mut go = |overlay: &mut Overlay, wanted: &[WantedPicture]| {
        let (before, after) = frame(overlay, wanted);
        all += &before;
        all += &after;
        after
    };
    go(&mut overlay, &[picture(1, area(2)), picture(2, area(30))]);
    let moved = go(&mut overlay, &[picture(1, area(30)), picture(2, area(2))]);
    assert_eq!((moved.matches("a=p").count(), moved.matches("a=d").count()), (2, 0), "{moved}");
    assert!(moved.contains("\x1b[2;31H") && moved.contains("\x1b[2;3H"));
    go(&mut overlay, &[]);
    // Twice on one screen: two placements.
    let twice = go(&mut overlay, &[picture(1, area(2)), picture(1, area(30))]);
    assert!(twice.contains(",p=1,") && twice.contains(",p=2,"), "{twice}");
    overlay.clear();
    let again = frame(&mut overlay, &[picture(1, area(2))]);
    assert_eq!(again.0.matches("a=d,d=i").count(), 2, "{}", again.0);
    assert!(again.1.contains("a=p") && !again.0.contains("a=t"));
    assert_eq!(all.matches("a=t").count(), 2);
    overlay.forget();
    assert!(frame(&mut overlay, &[picture(1, area(2))]).0.contains("a=t"), "given back in between");
}

#[test]
fn a_replaced_picture_is_not_blanked_first_where_the_next_covers_it() {
    for protocol in [ALL[2], ALL[3]] {
        let mut overlay = Overlay::speaking(protocol, (10, 20));
        frame(&mut overlay, &[picture(1, area(2))]);
        let (before, after) = frame(&mut overlay, &[picture(2, area(2))]);
        assert!(before.is_empty() && !after.is_empty(), "{protocol:?}");
        let (before, _) = frame(&mut overlay, &[picture(2, area(3))]);
        assert!(before.starts_with("\x1b7") && before.ends_with("\x1b8"), "the cursor stays where it was");
    }
}

#[test]
fn inside_tmux_text_stands_for_pictures_and_everything_else_is_wrapped() {
    let mut overlay = Overlay::speaking(Protocol::Kitty(Wire::Tmux), (10, 20));
    let wanted = [picture(1, area(2))];
    let (before, after) = frame(&mut overlay, &wanted);
    assert!(before.contains("\x1bPtmux;\x1b\x1b_Ga=p,U=1,i=") && before.contains(",c=20,r=10,"), "{before}");
    assert!(!before.replace("\x1b\x1b_G", "").contains("\x1b_G") && after.is_empty(), "nothing bare");
    let mut buf = Buffer::filled(Rect::new(0, 0, 60, 20), ratatui::buffer::Cell::new("x"));
    overlay.underlay(&wanted, &mut buf);
    assert!(area(2).positions().all(|p| buf[p].symbol().starts_with('\u{10eeee}')));
    assert_eq!(buf[(1, 1)].symbol(), "x");
    let mut overlay = Overlay::speaking(ALL[0], (10, 20));
    frame(&mut overlay, &wanted);
    overlay.underlay(&wanted, &mut buf);
    assert!(area(2).positions().all(|p| buf[p].symbol() == " "), "blank below a picture");
}

#[test]
fn viuer_paints_one_picture_of_no_price_and_no_great_size_where_it_knows_the_terminal() {
    let small = RgbImage::new(200, 200);
    let viuers = Protocol::Sixel { by_viuer: true };
    assert!(viuers.is_viuers(&small, None));
    assert!(!viuers.is_viuers(&small, Some(9_000)) && !viuers.is_viuers(&RgbImage::new(900, 900), None));
    assert!(!ALL[3].is_viuers(&small, None) && !ALL[0].is_viuers(&small, None));
}

#[test]
fn pictures_at_the_foot_of_the_screen_or_beyond_it_are_not_painted() {
    let screen = Rect::new(0, 0, 80, 24);
    let at = |x, y, w, h| is_paintable(&picture(1, Rect::new(x, y, w, h)), screen);
    assert!(at(60, 13, 20, 10));
    assert!(!at(60, 14, 20, 10), "the row below is free, or the screen scrolls");
    assert!(!at(70, 2, 20, 10) && !at(0, 0, 0, 5));
}
