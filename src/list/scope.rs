//! What holds at a line: variables, environment, path, shell and current directory.

use super::plan::{Bytes, Env};
use super::word::{Word, copied};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

/// Names with the order in which they came: a hash table without deletion, because a list may
/// have a hundred thousand of them.
#[derive(Default)]
pub(super) struct Names {
    keys: Vec<Bytes>,
    /// Index in `keys` plus 1, or 0; the length is a power of two and never full.
    slots: Vec<u32>,
}

impl Names {
    /// The slot in which the name is or would be.
    fn slot(&self, name: &[u8]) -> usize {
        // FNV-1a
        let hash = name.iter().fold(0xcbf29ce484222325_u64, |h, &b| (h ^ b as u64).wrapping_mul(0x100000001b3));
        let mask = self.slots.len() - 1;
        let mut at = (hash ^ hash >> 32) as usize & mask;
        while self.slots[at] != 0 && *self.keys[self.slots[at] as usize - 1] != *name {
            at = at + 1 & mask;
        }
        at
    }

    /// The number of a name.
    pub fn find(&self, name: &[u8]) -> Option<usize> {
        if self.slots.is_empty() {
            return None;
        }
        (self.slots[self.slot(name)] as usize).checked_sub(1)
    }

    /// Adds a name, which must be new; its number is the count of those before.
    pub fn add(&mut self, name: &[u8]) {
        self.keys.push(copied(name));
        if self.keys.len() * 2 <= self.slots.len() {
            let at = self.slot(name);
            self.slots[at] = self.keys.len() as u32;
            return;
        }
        self.slots = vec![0; (self.keys.len() * 4).next_power_of_two()];
        for i in 0..self.keys.len() {
            let at = self.slot(&self.keys[i]);
            self.slots[at] = i as u32 + 1;
        }
    }

    /// All names.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.keys.iter().map(|k| &**k)
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.keys.clear();
        self.slots.fill(0);
    }
}

/// The words of a variable.
pub(super) type Value = &'static [Word];

/// What one `set` after the other has made.
#[derive(Default)]
struct Variables {
    names: Names,
    values: Vec<Value>,
}

impl Variables {
    fn set(&mut self, name: &[u8], value: Value) {
        match self.names.find(name) {
            Some(i) => self.values[i] = value,
            None => {
                self.names.add(name);
                self.values.push(value);
            }
        }
    }
}

/// What the lines outside of packages say, or those of a package in addition.
#[derive(Clone, Copy)]
pub(super) struct Setting {
    pub env: &'static Env,
    pub shell: Option<&'static [u8]>,
}

impl Default for Setting {
    fn default() -> Setting {
        Setting { env: Env::EMPTY, shell: None }
    }
}

/// What holds at a line.
#[derive(Default)]
pub(super) struct Scope {
    all: Variables,
    own: Variables,
    outside: Setting,
    /// Environment, path and shell.
    pub now: Setting,
    /// The current directory; `None` outside of packages.
    pub cwd: Option<&'static [u8]>,
}

impl Scope {
    /// A package begins.
    pub fn enter(&mut self, out: &str, build: &str) {
        self.leave();
        self.outside = self.now;
        self.cwd = Some(copied(build.as_bytes()));
        self.set(b"OUT", one(out.as_bytes()));
        self.set(b"BUILD", one(build.as_bytes()));
    }

    /// The package ends: what it set holds no longer.
    pub fn leave(&mut self) {
        if self.cwd.take().is_some() {
            self.own.names.clear();
            self.own.values.clear();
            self.now = self.outside;
        }
    }

    /// The value of a variable.
    pub fn get(&self, name: &[u8]) -> Option<Value> {
        let found = |v: &Variables| v.names.find(name);
        match found(&self.own) {
            Some(i) => self.own.values.get(i).copied(),
            None => self.all.values.get(found(&self.all)?).copied(),
        }
    }

    /// Sets a variable.
    pub fn set(&mut self, name: &[u8], value: Value) {
        let variables = if self.cwd.is_some() { &mut self.own } else { &mut self.all };
        variables.set(name, value);
    }

    /// The names of all variables.
    pub fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.own.names.iter().chain(self.all.names.iter())
    }

    /// Puts a variable into the environment.
    pub fn export(&mut self, name: &'static str, value: &[u8]) {
        let value = copied(value);
        let mut vars = self.now.env.vars.to_vec();
        match vars.binary_search_by(|v| (*v.0).cmp(name)) {
            Ok(i) => vars[i].1 = value,
            Err(i) => vars.insert(i, (name, value)),
        }
        self.change(vars.leak(), self.now.env.path);
    }

    /// Changes the environment, but not for the steps that have it.
    pub fn change(&mut self, vars: &'static [(&'static str, Bytes)], path: &'static [Bytes]) {
        self.now.env = Box::leak(Box::new(Env { vars, path }));
    }

    /// Whether the environment has a variable.
    pub fn exported(&self, name: &str) -> bool {
        self.now.env.vars.binary_search_by(|v| (*v.0).cmp(name)).is_ok()
    }
}

/// The value that is one word.
pub(super) fn one(text: &[u8]) -> Value {
    Box::leak(Box::new([Word::literal(text)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found() {
        let mut names = Names::default();
        assert_eq!(names.find(b"x"), None);
        for i in 0..1000 {
            assert_eq!(names.find(format!("n{i}").as_bytes()), None);
            names.add(format!("n{i}").as_bytes());
        }
        for i in 0..1000 {
            assert_eq!(names.find(format!("n{i}").as_bytes()), Some(i));
        }
        names.clear();
        assert_eq!(names.find(b"n1"), None);
    }

    #[test]
    fn packages_start_from_what_stands_outside() {
        let mut scope = Scope::default();
        scope.set(b"A", one(b"1"));
        scope.export("A", b"1");
        scope.enter("/store/p", "/tmp/p");
        scope.set(b"A", one(b"2"));
        scope.export("B", b"b");
        assert_eq!(scope.get(b"A"), Some(one(b"2")));
        assert_eq!(scope.get(b"OUT"), Some(one(b"/store/p")));
        assert!(scope.exported("A") && scope.exported("B"));
        scope.enter("/store/q", "/tmp/q");
        assert_eq!(scope.get(b"A"), Some(one(b"1")));
        assert!(scope.exported("A") && !scope.exported("B"));
        scope.leave();
        assert_eq!(scope.get(b"OUT"), None);
        assert!(scope.exported("A"));
    }
}
