//! What users take into their own CI: the workflow for GitHub, step by step; the backend of rebuilderd,
//! by its contract.

mod common;

use common::{User, World, each_user, host, ran, skip, source_tree, start};
use std::time::Duration;

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

/// What a step of the workflow runs.
fn step(workflow: &str, name: &str) -> String {
    let from = workflow.find(&format!("- name: {name}\n")).unwrap_or_else(|| panic!("no step {name}"));
    let mut lines = workflow[from..].lines().skip_while(|line| !line.trim_start().starts_with("run: "));
    let run = lines.next().expect("run");
    if !run.ends_with("run: |") {
        return run.trim_start()[5..].to_string();
    }
    let indent = run.len() - run.trim_start().len() + 2;
    lines.take_while(|line| line.len() > indent && line[..indent].trim().is_empty()).map(|line| format!("{}\n", &line[indent..])).collect()
}

/// The workflow's steps in a new clone, as the runner starts them, on two "machines", of which one has
/// one core; what `uses:` others' actions is done by hand.
#[test]
#[ignore = "builds rawstrap anew, and stage 1 twice; CI runs it: tests/run --test workflows -- --ignored"]
fn the_workflow_builds_reports_and_compares() {
    need!("git", "bash", "cc", "curl", "taskset");
    let downloads = std::env::var_os("DOWNLOADS").map_or_else(|| source_tree().join("downloads"), Into::into);
    let Ok(downloads) = downloads.canonicalize() else {
        return skip("there are no downloads: rawstrap fetch brings them");
    };
    let workflow = std::fs::read_to_string(source_tree().join("tests/workflows/raw-build.yml")).unwrap();
    // What the machine gets is what the README says, and no more.
    let readme = std::fs::read_to_string(source_tree().join("README.md")).unwrap();
    let packages = readme.split("`apt install ").nth(1).unwrap().split('`').next().unwrap();
    assert_eq!(step(&workflow, "Tools"), format!("apt-get update\napt-get install -y {packages}\n"));
    let world = World::new(User::Caller);
    let clone = world.path("clone");
    host("git", &[&"clone", &"-q", &source_tree(), &clone]);
    // The recipes as they are here, committed or not.
    host("cp", &[&"-r", &source_tree().join("recipes"), &source_tree().join("src"), &clone]);
    std::os::unix::fs::symlink(&downloads, clone.join("downloads")).unwrap();
    let run = |before: &[&str], name: &str| {
        let script = world.path("step.sh");
        std::fs::write(&script, step(&workflow, name)).unwrap();
        let mut command = std::process::Command::new(before.first().copied().unwrap_or("env"));
        command.args(before.iter().skip(1)).args(["bash", "-e"]).arg(&script).current_dir(&clone).env("UNTIL", "1-stage1");
        command.env("CI", "true").env("GITHUB_ACTIONS", "true").env("GITHUB_SERVER_URL", "https://ci.example");
        command.env("GITHUB_REPOSITORY", "a/b").env("GITHUB_RUN_ID", "7").env_remove("CARGO_TARGET_DIR").env_remove("NPROC");
        start(&mut command).wait_for(Duration::from_secs(1200))
    };
    for (machine, before) in [("ubuntu-22.04", &[][..]), ("ubuntu-24.04", &["taskset", "-c", "0"])] {
        run(before, "Build").ok();
        run(before, "Report").ok();
        let page = std::fs::read_to_string(clone.join("build/report.html")).unwrap();
        assert!(page.contains("✓ 1 of 1 packages are as recorded"), "{page}");
        let statement = std::fs::read_to_string(clone.join("build/statement.json")).unwrap();
        assert!(statement.contains("\"id\": \"https://ci.example/a/b/actions/runs/7\""), "{statement}");
        // Each path that is kept is there; what they have in common is the top of the artifact.
        let artifact = clone.join(format!("ledger-{machine}"));
        std::fs::create_dir(&artifact).unwrap();
        let kept = workflow.split("path: |\n").nth(1).unwrap().lines().take_while(|line| !line.is_empty());
        for path in kept {
            host("cp", &[&"-r", &clone.join(path.trim()), &artifact]);
        }
    }
    let said = run(&[], "Compare").ok().out;
    assert!(said.starts_with("1 package is the same bytes\nwith other inputs:\n  cores\n"), "{said}");
    // A run that is not as recorded fails, and what it was is there to be looked at.
    let outputs = clone.join("recipes/outputs");
    let recorded = std::fs::read_to_string(&outputs).unwrap();
    std::fs::write(&outputs, recorded.replacen("sha256-h", "sha256-g", 1)).unwrap();
    run(&[], "Build").fails(7, "the output of 1-stage1 is not what was recorded");
    run(&[], "Report").ok();
    assert!(std::fs::read_to_string(clone.join("build/report.html")).unwrap().contains("✗ not as recorded"));
}
