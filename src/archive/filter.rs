//! The filters of .xz that come before LZMA2: Delta (5.3.3), and x86's BCJ (5.3.2; the algorithm is
//! described in xz's source only). The BCJ filters for other machines are refused: no source
//! tarball has a reason to use one.

use alloc::boxed::Box;
use alloc::vec;

/// What a filter does, and what it knows of the bytes before.
enum Kind {
    /// Every byte is the difference to the one `distance` before.
    Delta { history: Box<[u8; 256]>, distance: usize },
    /// The operands of jumps and calls are absolute. The lowest bits tell of the last three bytes,
    /// the last one lowest, whether they looked like such an instruction and were left.
    X86 { left: u8 },
}

/// A filter being undone.
pub(super) struct Filter {
    kind: Kind,
    /// Of the next byte.
    position: u32,
}

impl Filter {
    /// The filter with that ID and these properties.
    pub(super) fn new(id: u64, properties: &[u8]) -> Result<Filter, &'static str> {
        let (kind, position) = match (id, properties) {
            (3, &[distance]) => {
                (Kind::Delta { history: Box::new([0; 256]), distance: distance as usize + 1 }, 0)
            }
            (4, &[]) => (Kind::X86 { left: 0 }, 0),
            (4, &[a, b, c, d]) => (Kind::X86 { left: 0 }, u32::from_le_bytes([a, b, c, d])),
            (3 | 4, _) => return Err("Filter Properties are not valid"),
            (5..=11, _) => return Err("BCJ filter for another machine than x86, which is not read here"),
            _ => return Err("filter with an unknown ID"),
        };
        Ok(Filter { kind, position })
    }

    /// Undoes the filter; gives how many bytes are done. The others depend on what follows, and
    /// are to come again.
    fn apply(&mut self, data: &mut [u8]) -> usize {
        let done = match &mut self.kind {
            Kind::Delta { history, distance } => {
                for (i, byte) in data.iter_mut().enumerate() {
                    let at = (self.position as usize).wrapping_add(i);
                    *byte = byte.wrapping_add(history[at.wrapping_sub(*distance) & 255]);
                    history[at & 255] = *byte;
                }
                data.len()
            }
            Kind::X86 { left } => x86(left, self.position, data),
        };
        self.position = self.position.wrapping_add(done as u32);
        done
    }
}

/// E8 (call) and E9 (jump) with an operand between -16 MiB and 16 MiB, as its highest byte tells,
/// had the address of the next instruction added. Data often looks so too; where the operand of
/// such bytes overlaps with others that were left, more is asked for.
fn x86(left: &mut u8, position: u32, data: &mut [u8]) -> usize {
    let is_sign = |byte: u8| byte == 0 || byte == 0xff;
    let mut i = 0;
    while i + 4 < data.len() {
        if data[i] & 0xfe != 0xe8 {
            *left = *left << 1 & 7;
            i += 1;
            continue;
        }
        // The operand of the first of those left ends so many bytes before this one's end.
        let overlap = 8 - left.leading_zeros() as usize;
        let clear = *left == 0 || left.is_power_of_two() && !is_sign(data[i + 4 - overlap]);
        let Some([a, b, c, sign]) = data[i + 1..].first_chunk_mut::<4>() else { break };
        if !clear || !is_sign(*sign) {
            *left = (*left << 1 | 1) & 7;
            i += 1;
            continue;
        }
        let next = position.wrapping_add(i as u32 + 5);
        let mut address = u32::from_le_bytes([*a, *b, *c, *sign]);
        let mut operand = address.wrapping_sub(next);
        // The encoder went on where its result would not have been clear.
        while *left != 0 && is_sign((operand >> (24 - 8 * overlap)) as u8) {
            address = operand ^ (u32::MAX >> (8 * overlap));
            operand = address.wrapping_sub(next);
        }
        [*a, *b, *c, _] = operand.to_le_bytes();
        *sign = if operand & 1 << 24 != 0 { 0xff } else { 0 };
        *left = 0;
        i += 5;
    }
    i
}

/// A filter with a buffer between what it reads and what it gives.
pub(super) struct Stage {
    filter: Filter,
    buf: Box<[u8]>,
    /// `buf[given..done]` can be given; `buf[done..end]` waits for what follows.
    given: usize,
    done: usize,
    end: usize,
    at_end: bool,
}

impl Stage {
    pub(super) fn new(filter: Filter) -> Stage {
        Stage { filter, buf: vec![0; 16 << 10].into(), given: 0, done: 0, end: 0, at_end: false }
    }
}

/// Reads through the stages, the first of them last, from `source`.
pub(super) fn read<E>(
    stages: &mut [Stage],
    source: &mut dyn FnMut(&mut [u8]) -> Result<usize, E>,
    to: &mut [u8],
) -> Result<usize, E> {
    let Some((stage, inner)) = stages.split_first_mut() else { return source(to) };
    while stage.given == stage.done {
        if stage.at_end && stage.done == stage.end {
            return Ok(0);
        }
        stage.buf.copy_within(stage.done..stage.end, 0);
        stage.end -= stage.done;
        (stage.given, stage.done) = (0, 0);
        let n = read(inner, source, &mut stage.buf[stage.end..])?;
        stage.end += n;
        stage.at_end = n == 0;
        // What the filter leaves at the end is as it should be.
        stage.done = if stage.at_end { stage.end } else { stage.filter.apply(&mut stage.buf[..stage.end]) };
    }
    let n = to.len().min(stage.done - stage.given);
    to[..n].copy_from_slice(&stage.buf[stage.given..stage.given + n]);
    stage.given += n;
    Ok(n)
}
