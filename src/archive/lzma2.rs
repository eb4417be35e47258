//! LZMA2: chunks of LZMA data or of bytes as they are (.xz file format, 5.3.1; the chunks'
//! layout is described in xz's source only).

use super::input::Input;
use super::lzma::Lzma;
use super::window::Window;
use crate::error::Result;
use crate::io::Read;

/// What is decoded before the reader gets it.
const RUN: usize = 64 << 10;

enum State {
    Control,
    /// That many bytes of an LZMA chunk are to be decoded; the chunk lies in the input, with that
    /// many bytes.
    Lzma(usize, usize),
    /// That many bytes of an uncompressed chunk follow.
    Copy(usize),
    End,
}

/// An LZMA2 decoder.
pub(super) struct Lzma2 {
    state: State,
    lzma: Lzma,
    window: Window,
    /// What the next chunk has to bring.
    needs_dictionary_reset: bool,
    needs_properties: bool,
}

impl Lzma2 {
    /// A decoder with a dictionary of that size.
    pub(super) fn new(dictionary: usize) -> Lzma2 {
        Lzma2 {
            state: State::Control,
            lzma: Lzma::new(),
            window: Window::new(dictionary),
            needs_dictionary_reset: true,
            needs_properties: true,
        }
    }

    /// Gives decoded bytes; 0 is the end, and `input` stands behind it then.
    pub(super) fn read<R: Read>(&mut self, input: &mut Input<R>, to: &mut [u8]) -> Result<usize> {
        loop {
            let n = self.window.give(to);
            if n > 0 || to.is_empty() {
                return Ok(n);
            }
            match self.state {
                State::Control => self.control(input)?,
                State::Lzma(left, size) => {
                    let n = left.min(self.window.room()).min(RUN);
                    let chunk = input.peek(size)?;
                    let mut decoded = self.lzma.run(chunk, &mut self.window, n);
                    self.state = State::Lzma(left - n, size);
                    if decoded.is_ok() && left == n {
                        decoded = self.lzma.end(chunk);
                        self.state = State::Control;
                    }
                    if let Err(what) = decoded {
                        return Err(input.bad(what));
                    }
                    if left == n {
                        input.pos += size;
                    }
                }
                State::Copy(0) => self.state = State::Control,
                State::Copy(left) => {
                    let n = input.copy(self.window.space(left))?;
                    if n == 0 {
                        return Err(input.truncated());
                    }
                    self.window.wrote(n);
                    self.state = State::Copy(left - n);
                }
                State::End => return Ok(0),
            }
        }
    }

    /// The header of a chunk: the control byte, sizes, properties. A control byte from 0x80 on is
    /// that of an LZMA chunk: bits 0 to 4 belong to the size, 5 and 6 say what is reset.
    fn control<R: Read>(&mut self, input: &mut Input<R>) -> Result<()> {
        let control = input.byte()?;
        if control == 0 {
            self.state = State::End;
            return Ok(());
        }
        if control == 1 || control >= 0xe0 {
            self.window.reset();
            self.needs_dictionary_reset = false;
            self.needs_properties = true;
        }
        if self.needs_dictionary_reset {
            return Err(input.bad("LZMA2 chunk without the dictionary reset that has to come first"));
        }
        if control < 0x80 {
            if control > 2 {
                return Err(input.bad("unknown LZMA2 control byte"));
            }
            self.state = State::Copy(u16::from_be_bytes(input.take()?) as usize + 1);
            return Ok(());
        }
        let size = (control as usize & 0x1f) << 16 | u16::from_be_bytes(input.take()?) as usize;
        let packed = u16::from_be_bytes(input.take()?) as usize;
        if control >= 0xc0 {
            let properties = input.byte()?;
            if !self.lzma.set_properties(properties) {
                return Err(input.bad("LZMA properties are not valid (lc, lp, pb)"));
            }
            self.needs_properties = false;
        }
        if self.needs_properties {
            return Err(input.bad("LZMA2 chunk without the properties that have to come first"));
        }
        if control >= 0xa0 {
            self.lzma.reset();
        }
        self.state = State::Lzma(size + 1, packed + 1);
        let chunk = input.peek(packed + 1)?;
        if let Err(what) = self.lzma.begin(chunk) {
            return Err(input.bad(what));
        }
        Ok(())
    }
}
