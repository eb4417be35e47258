//! `rawstrap script`: a plan as one sh script, so that the driver can be left out and the result
//! compared. What the steps mean there stands in `head.sh`; here they become calls of that.

mod word;

use crate::hash::hex;
use crate::list::locate;
use crate::list::plan::{Action, Command, Env, Kind, Plan, Step, Unit};
use crate::list::word::Word;
use alloc::vec::Vec;

/// The script's own functions.
const HEAD: &[u8] = include_bytes!("head.sh");

/// The script that is being written.
struct Script {
    out: Vec<u8>,
    /// What the commands' environment is now.
    env: Option<&'static Env>,
}

/// The script that does these units of the plan; `recipes` is the folder of the list.
pub fn script(plan: &Plan, units: &[usize], recipes: &[u8]) -> Vec<u8> {
    let mut script = Script { out: HEAD.to_vec(), env: None };
    script.call("\n[ \"${1-}\" = inside ] || enter").text(recipes);
    script.call("lay_out");
    plan.devices.iter().for_each(|device| script.text(device.as_bytes()));
    if let Some(seed) = &plan.seed {
        script.call("seed").host(&seed.path);
    }
    for &at in units {
        script.unit(plan, &plan.units[at]);
    }
    script.out.push(b'\n');
    script.out
}

impl Script {
    fn unit(&mut self, plan: &Plan, unit: &Unit) {
        self.raw(if unit.kind == Kind::Package { "\n\n##### " } else { "\n\n##### test " });
        self.raw(&unit.name);
        self.raw(" #####\n");
        for source in &unit.sources {
            self.call("need").text(hex::encode(&source.sha256).as_bytes());
            self.text(source.file.as_bytes());
        }
        self.call("begin").host(unit.build.as_bytes());
        for step in &unit.steps {
            self.raw("\n");
            self.call("step").text(locate(&plan.lists, step.pos).as_bytes());
            self.step(step);
        }
        self.raw("\n");
        self.call("seal").host(unit.build.as_bytes());
        self.host(unit.out.as_bytes());
    }

    fn step(&mut self, step: &Step) {
        match &step.action {
            Action::Run { command, status } => {
                self.place(step);
                self.command(command, *status);
            }
            Action::Each { patterns, but, command } => {
                self.place(step);
                self.call("names");
                self.words(patterns);
                if !but.is_empty() {
                    self.call("but");
                    self.words(but);
                }
                self.raw("\napart\nfor p in $list; do\nslots");
                self.command(command, 0);
                self.raw("\ndone");
            }
            Action::Sh { shell, text } => {
                self.place(step);
                self.call("run 0").text(shell);
                self.text(b"-euc");
                self.text(text);
            }
            Action::Unpack { file, into, strip } => {
                self.call("unpack").text(file.as_bytes());
                self.host(into);
                self.number(*strip, 10);
            }
            Action::Edit { files, old, new, times } => {
                self.call("edit").text(old);
                self.text(new);
                match times {
                    Some(times) => self.number(*times, 10),
                    None => self.text(b""),
                }
                self.files(files);
            }
            Action::Write { file, mode, text } => {
                self.call("write");
                self.number(*mode as u32, 8);
                self.host(file);
                self.here(text);
            }
            Action::Append { file, text } => {
                self.call("append").host(file);
                self.here(text);
            }
            Action::Copy(transfer) | Action::Move(transfer) => {
                self.call(if let Action::Copy(_) = step.action { "copy" } else { "move" }).host(&transfer.to);
                if transfer.into {
                    self.raw("/");
                }
                self.files(&transfer.from);
            }
            Action::Link { target, name } => {
                self.call("link").text(target);
                self.host(name);
            }
            Action::Mkdir { dirs } => {
                self.call("make_dirs");
                dirs.iter().for_each(|dir| self.host(dir));
            }
            Action::Remove { paths } => {
                self.call("remove");
                self.files(paths);
            }
            Action::Chmod { mode, paths } => {
                self.call("mode");
                self.number(*mode as u32, 8);
                self.files(paths);
            }
            Action::Same { files, text } => {
                self.call(if text.is_some() { "same_text" } else { "same" });
                self.files(files);
                if let Some(text) = text {
                    self.here(text);
                }
            }
            Action::Absent { texts, paths } => {
                for text in texts.iter() {
                    self.call("absent").text(text);
                    self.files(paths);
                }
            }
        }
    }

    /// Directory and environment of the commands of a step.
    fn place(&mut self, step: &Step) {
        if self.env != Some(step.env) {
            self.raw("\nin_env() { \"$E\" -i");
            for (name, value) in step.env.vars {
                self.raw(" ");
                self.raw(name);
                self.raw("=");
                self.quoted(value);
            }
            self.raw(" \"$@\"; }");
            self.env = Some(step.env);
        }
        self.call("here").text(&step.cwd);
    }

    fn command(&mut self, command: &Command, status: u8) {
        let patterns = command.args.iter().filter(|word| word.has_pattern());
        if patterns.clone().next().is_some() {
            self.call("match");
            patterns.for_each(|word| self.word(word, false));
        }
        self.call("run");
        self.number(status as u32, 10);
        self.words(&command.args);
        for (sign, file) in [(" <", &command.input), (if command.append { " >>" } else { " >" }, &command.output)] {
            if let Some(file) = file {
                self.raw(sign);
                self.redirected(file);
            }
        }
    }

    /// Words of a command.
    fn words(&mut self, words: &[Word]) {
        words.iter().for_each(|word| self.word(word, false));
    }

    /// Files, named as the host sees them.
    fn files(&mut self, words: &[Word]) {
        words.iter().for_each(|word| self.word(word, true));
    }
}
