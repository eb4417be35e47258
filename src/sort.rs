//! A small sort. The standard library's are faster on large inputs, and cost 4 KB each time they
//! are used with another type.

/// Sorts `items` by `less`, in place (heap sort): equal ones may change places.
pub fn sort<T>(items: &mut [T], less: impl Fn(&T, &T) -> bool) {
    let n = items.len();
    // First each item that has others below it sinks to its place in the heap; then the greatest
    // moves behind the rest, again and again.
    for step in (0..n + n / 2).rev() {
        let (mut at, end) = if step >= n { (step - n, n) } else { (0, step) };
        if step < n {
            items.swap(0, step);
        }
        loop {
            let mut child = 2 * at + 1;
            if child >= end {
                break;
            }
            if child + 1 < end && less(&items[child], &items[child + 1]) {
                child += 1;
            }
            if !less(&items[at], &items[child]) {
                break;
            }
            items.swap(at, child);
            at = child;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::sort;

    #[test]
    fn sorts() {
        for n in 0..200u32 {
            let mut items: Vec<u32> = (0..n).map(|i| i * 7919 % 101).collect();
            let mut expected = items.clone();
            expected.sort();
            sort(&mut items, |a, b| a < b);
            assert_eq!(items, expected);
        }
    }
}
