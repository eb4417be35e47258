//! How long the rest of a run should take, by what an earlier one took.

use super::inside::Work;
use crate::file;
use crate::ledger::read;
use crate::list::plan::Kind;
use alloc::vec::Vec;

/// What each unit of the work took, in microseconds.
#[derive(Default)]
pub struct Estimate {
    units: Vec<Known>,
}

/// Of one unit: nothing, if the earlier run did not come to its end.
#[derive(Default)]
struct Known {
    steps: Vec<u64>,
    /// All of it, hashing included.
    whole: Option<u64>,
}

impl Estimate {
    /// By the ledger at the path, if there is one.
    pub fn read(path: &str, work: &Work) -> Estimate {
        let Ok(text) = file::read_text(path) else { return Estimate::default() };
        let Ok(ledger) = read::read(&text, path) else { return Estimate::default() };
        let units = work.units.iter().map(|&at| {
            let unit = &work.plan.units[at];
            let kind = if unit.kind == Kind::Package { "package" } else { "test" };
            let found = ledger.units.iter().find(|known| (known.kind, known.name) == (kind, &*unit.name));
            found.map_or(Known::default(), |known| Known {
                steps: known.steps.iter().map(|step| step.times.wall).collect(),
                whole: known.output.and(Some(known.times.wall)),
            })
        });
        Estimate { units: units.collect() }
    }

    /// From a step of a unit on, both counted in the work, in which that much time has passed.
    pub fn left(&self, unit: usize, step: usize, passed: u64) -> Option<u64> {
        let now = self.units.get(unit)?;
        let done: u64 = now.steps.iter().take(step).sum();
        let this = now.steps.get(step).copied().unwrap_or(now.whole?.saturating_sub(done));
        let mut left = now.whole?.saturating_sub(done + passed.min(this));
        for later in &self.units[unit + 1..] {
            left += later.whole?;
        }
        Some(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_what_took_time_before() {
        let known = |steps: &[u64], whole| Known { steps: steps.to_vec(), whole };
        let mut estimate = Estimate { units: vec![known(&[10, 20], Some(35)), known(&[1], Some(2))] };
        for (unit, step, passed, want) in [
            (0, 0, 0, 37),
            (0, 0, 4, 33),
            (0, 0, 400, 27), // longer than before: the step is as good as done
            (0, 1, 0, 27),
            (0, 2, 3, 4),  // hashing
            (0, 9, 99, 2), // there were not so many
            (1, 1, 1, 0),
        ] {
            assert_eq!(estimate.left(unit, step, passed), Some(want), "{unit} {step} {passed}");
        }
        assert_eq!(estimate.left(2, 0, 0), None);
        estimate.units[1].whole = None;
        assert_eq!(estimate.left(0, 0, 0), None);
        assert_eq!(Estimate::default().left(0, 0, 0), None);
    }
}
