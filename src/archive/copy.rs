//! The copy that every Lempel-Ziv decoder makes: bytes from `distance` back, again and again.

/// How far behind the copy its last store may reach.
pub(super) const OVERRUN: usize = 16;

/// Appends `len` bytes at `buf[at..]`, each the one that stands `distance` (not 0) before it.
/// `buf` reaches at least [`OVERRUN`] bytes beyond the copy; these may be overwritten.
pub(super) fn repeat(buf: &mut [u8], at: usize, distance: usize, len: usize) {
    let Some(area) = buf.get_mut(at - distance..at + len + OVERRUN) else { return };
    let (mut from, mut to, end) = (0, distance, distance + len);
    if distance < 16 {
        // The copy overlaps itself within a word. Sixteen single bytes hold a whole number of
        // periods and more; from then on a multiple of the distance that is at least 16 will do.
        if distance == 1 {
            let word = [area[0]; 16];
            while to < end {
                area[to..to + 16].copy_from_slice(&word);
                to += 16;
            }
            return;
        }
        let first = end.min(to + 16);
        while to < first {
            area[to] = area[from];
            from += 1;
            to += 1;
        }
        if to == end {
            return;
        }
        from = to - distance * 16usize.div_ceil(distance);
    }
    while to < end {
        let Some(word) = area.get(from..from + 16).and_then(<[u8]>::first_chunk::<16>) else { return };
        let word = *word;
        let Some(place) = area.get_mut(to..to + 16) else { return };
        place.copy_from_slice(&word);
        from += 16;
        to += 16;
    }
}
