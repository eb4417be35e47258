//! stub
use crate::error::Result; use crate::list::plan::Source;
/// stub
pub struct Options<'a> { /// x
 pub downloads: &'a str, /// x
 pub mirrors: &'a [&'a str], /// x
 pub deb_mirror: Option<&'a str>, /// x
 pub offline: bool, /// x
 pub env: &'a [&'a [u8]], /// x
 pub say: &'a mut dyn FnMut(&str) }
/// x
pub struct Report { /// x
 pub present: usize, /// x
 pub fetched: usize }
/// x
pub fn fetch(_s: &[&Source], _o: &mut Options) -> Result<Report> { Ok(Report{present:0,fetched:0}) }
