//! stub
use crate::error::Result;
/// stub
pub fn unpack_file(_a:&[u8],_i:&[u8],_s:u32)->Result<()>{ Ok(()) }
