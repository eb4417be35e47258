//! Sorting: one heapsort for all types. The standard library's sorts are faster, but each type that
//! is sorted brings 3 KB of its own, and what is sorted here are the names of a directory.

/// Sorts by `before`: whether the first of two comes before the second. Equal ones come in any order.
pub fn sort<T>(all: &mut [T], before: impl Fn(&T, &T) -> bool) {
    // What the sort needs to know of the type: two things to do with the elements at two places.
    heapsort(all.len(), &mut |a, b, swap| {
        if swap {
            all.swap(a, b);
            return true;
        }
        before(&all[a], &all[b])
    });
}

/// Heapsort (Knuth, The Art of Computer Programming, 5.2.3) of places.
fn heapsort(count: usize, at: &mut dyn FnMut(usize, usize, bool) -> bool) {
    // The first half of the rounds builds the heap, the second takes the largest off its top.
    for round in (0..count + count / 2).rev() {
        let (mut parent, end) = if round >= count { (round - count, count) } else { (0, round) };
        if round < count {
            at(0, round, true);
        }
        loop {
            let mut child = 2 * parent + 1;
            if child >= end {
                break;
            }
            if child + 1 < end && at(child, child + 1, false) {
                child += 1;
            }
            if !at(parent, child, false) {
                break;
            }
            at(parent, child, true);
            parent = child;
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn sorts_as_the_standard_library_does() {
        let mut seed = 1u32;
        for length in 0..200 {
            let mut all: Vec<u32> = Vec::new();
            for _ in 0..length {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                all.push(seed >> 24);
            }
            let mut want = all.clone();
            want.sort();
            super::sort(&mut all, |a, b| a < b);
            assert_eq!(all, want);
        }
    }
}
