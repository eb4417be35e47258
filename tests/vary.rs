//! `tests/vary`: hostile conditions are named when they change a byte, and only then.

mod common;

use common::{Ran, World, each_user, ran, source_tree};

fn vary(world: &World, conditions: &[&str]) -> Ran {
    let mut command = world.command(source_tree().join("tests/vary"));
    command.args(["--list", world.path("recipes/main.steps").to_str().unwrap(), "--until", "p"]).args(conditions);
    ran(command.env("RAWSTRAP", world.path("rawstrap")).env("DOWNLOADS", world.path("downloads")))
}

#[test]
fn the_condition_that_changes_a_file_is_named() {
    need!("setarch");
    each_user(|world| {
        if !world.list("link busybox /bin/uname\nrun sh -c 'uname -r > $0/release; umask > $0/umask' $OUT") {
            return;
        }
        let said = vary(&world, &["dir", "umask", "kernel"]);
        assert_eq!(said.status, 1, "{}{}", said.out, said.err);
        for part in [
            "\ndir: 1 package is the same bytes\numask: 1 package is the same bytes\nkernel: DIFFERENT BYTES\n",
            "    files that differ:\n      release\n        A file ",
            "\n2 the same, 1 different or failed, 0 skipped\n",
        ] {
            assert!(said.out.contains(part), "{part}: {}", said.out);
        }
        assert!(vary(&world, &["again"]).ok().out.contains("1 the same, 0 different"));
        vary(&world, &["weather"]).fails(2, "there is no condition 'weather'");
    });
}
