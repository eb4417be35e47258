//! What users take into their own CI: the backend of rebuilderd, by its contract.

mod common;

use common::{User, World, each_user, host, ran, source_tree};

const LIST: &str = "write $OUT/f <<END\nx\nEND\nlink f $OUT/l\nrun sh -c 'umask 077; echo y > $0/g; chmod 755 $0/g; sleep 1' $OUT\npackage q\nmkdir $OUT\n";

/// `backend WORDS`, in a checkout with the test's list as its chain; the worker's environment.
fn backend(world: &World, words: &[&str]) -> common::Ran {
    let script = source_tree().join("tests/workflows/rebuilder-rawstrap.sh");
    let mut command = world.command("/bin/sh");
    command.arg(script).args(words).env("RAWSTRAP_SOURCE", &world.dir).env("RAWSTRAP", world.path("rawstrap"));
    ran(command.env("REBUILDERD_OUTDIR", world.path("out")))
}

#[test]
fn the_backend_makes_the_published_file_again() {
    need!("tar");
    each_user(|world| {
        if !world.list(LIST) {
            return;
        }
        std::fs::rename(world.path("recipes/main.steps"), world.path("recipes/chain.steps")).unwrap();
        world.rawstrap(&["build", "--record"]).ok();
        for dir in ["inputs", "out"] {
            std::fs::create_dir(world.path(dir)).unwrap();
            world.give(dir);
        }
        backend(&world, &["--pack", "build/stage/store/p", "inputs/p.tar"]).ok();
        assert_eq!(host("tar", &[&"-tf", &world.path("inputs/p.tar")]), "p/\np/f\np/g\np/l\n");
        // What the worker gives: the absolute path of the file that was published.
        let input = world.path("inputs/p.tar");
        backend(&world, &[input.to_str().unwrap()]).ok();
        host("cmp", &[&input, &world.path("out/p.tar")]);
        assert!(world.read("out/p.ledger").contains("\npackage p\n") && !world.read("out/p.ledger").contains("package q"));
        // Other bytes are a file for the worker to compare; a run that fails is none.
        let list = world.read("recipes/chain.steps");
        world.write("recipes/chain.steps", list.replace("\nx\n", "\nz\n"));
        backend(&world, &[input.to_str().unwrap()]).ok();
        assert_ne!(std::fs::read(&input).unwrap(), std::fs::read(world.path("out/p.tar")).unwrap());
        world.write("recipes/chain.steps", list.replace("sleep 1", "exit 3"));
        std::fs::remove_file(world.path("out/p.tar")).unwrap();
        backend(&world, &[input.to_str().unwrap()]).fails(6, "exit status 3");
        assert!(!world.has("out/p.tar"));
        backend(&world, &["/x/none.tar"]).fails(2, "the list has no package 'none'");
    });
}

#[test]
fn the_backend_says_what_it_misses() {
    let world = World::new(User::Caller);
    let script = source_tree().join("tests/workflows/rebuilder-rawstrap.sh");
    ran(world.command("/bin/sh").arg(script).arg("/x/p.tar")).fails(2, "REBUILDERD_OUTDIR");
}
