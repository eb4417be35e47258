//! `attest`: a ledger as an in-toto statement; what the specifications require is there, and true.

mod common;

use common::{User, World, host, ran};
use std::process::Command;

/// in-toto Statement v1, SLSA provenance v1, DigestSet v1: required fields and types. Its arguments:
/// the statement, the ledger, the output's tree, the builder.
const CHECK: &str = r#"
import base64, hashlib, json, re, subprocess, sys, datetime
path, ledger, tree, builder = sys.argv[1:]
s = json.load(open(path))
assert list(s) == ["_type", "subject", "predicateType", "predicate"], list(s)
assert s["_type"] == "https://in-toto.io/Statement/v1"
assert s["predicateType"] == "https://slsa.dev/provenance/v1"
uri = re.compile(r"^[a-z][a-z0-9+.-]*:\S+$")
def digest(d):
    assert d and all(k in ("sha256", "dirHash") and re.fullmatch("[0-9a-f]{64}", v) for k, v in d.items()), d
assert s["subject"]
for subject in s["subject"]:
    assert set(subject) == {"name", "digest"} and subject["name"]
    digest(subject["digest"])
p = s["predicate"]
assert set(p) == {"buildDefinition", "runDetails"}
b = p["buildDefinition"]
assert set(b) == {"buildType", "externalParameters", "internalParameters", "resolvedDependencies"}
assert uri.match(b["buildType"])
assert b["externalParameters"] == {"list": "recipes/main.steps", "until": "q"}, b["externalParameters"]
assert re.search(r"^user=\d+ cores=\d+ jobs=\d+$", b["internalParameters"]["host"])
deps = {}
for d in b["resolvedDependencies"]:
    assert set(d) == {"name", "digest"} and d["name"] not in deps
    digest(d["digest"])
    deps[d["name"]] = d["digest"]["sha256"]
text = open(ledger).read()
assert set(deps) == {"rawstrap", "seed", "recipes/main.steps", "recipes.nar", "h \"2\""}, deps
sha = lambda f: hashlib.sha256(open(f, "rb").read()).hexdigest()
assert deps["rawstrap"] == sha("rawstrap") and deps["seed"] == sha("seed")
assert deps["recipes/main.steps"] == sha("recipes/main.steps") and deps["h \"2\""] == sha("downloads/h \"2\"")
r = p["runDetails"]
assert set(r) == {"builder", "metadata", "byproducts"}
assert r["builder"]["id"] == builder if builder else r["builder"]["id"] == "urn:rawstrap:driver:" + deps["rawstrap"]
assert all(isinstance(v, str) for v in r["builder"]["version"].values())
m = r["metadata"]
assert uri.match(m["invocationId"]) and set(m) == {"invocationId", "startedOn", "finishedOn"}
a, z = (datetime.datetime.strptime(m[k], "%Y-%m-%dT%H:%M:%SZ") for k in ("startedOn", "finishedOn"))
assert a <= z and abs((z - datetime.datetime.utcnow()).total_seconds()) < 600
assert r["byproducts"] == [{"name": "ledger", "digest": {"sha256": sha(ledger)}}]
# The subjects are the outputs: by the ledger, and by the command of the specification.
outputs = re.findall(r"^output sha256-(\S+) (\S+)$", text, re.M)
assert [(x["name"], x["digest"]["sha256"]) for x in s["subject"]] == [(n + ".nar", base64.b64decode(h).hex()) for h, n in outputs]
command = "find . -type f | cut -c3- | LC_ALL=C sort | xargs -r sha256sum | sha256sum | cut -f1 -d' '"
want = subprocess.run(command, shell=True, cwd=tree, capture_output=True, text=True).stdout.strip()
assert s["subject"][0]["digest"]["dirHash"] == want, want
"#;

/// `rawstrap attest build/ledger` after a run; false if this machine cannot have one.
fn attested(world: &World, builder: &[&str]) -> bool {
    let sum = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"; // hello
    world.write("downloads/h \"2\"", "hello\n");
    let steps = format!(
        "source 'h \"2\"' {sum} deb:h/h\nmkdir $OUT/sub\nwrite $OUT/sub/a <<END\na\nEND\nwrite $OUT/sub-x mode 755 <<END\nx\nEND\n\
         link a $OUT/sub/l\npackage q\nsource 'h \"2\"' {sum} deb:h/h\nmkdir $OUT\n"
    );
    // Any static program does for a seed that nothing runs.
    if !world.list_with("seed /seed/tcc\ndevice null", &steps) {
        return false;
    }
    host("cp", &[&world.path("recipes/busybox"), &world.path("seed")]);
    world.run(&["--seed", "seed"]).ok();
    let json = world.rawstrap(&[&["attest"], builder].concat()).ok().out;
    world.write("statement.json", json);
    true
}

#[test]
fn the_statement_is_valid_and_true() {
    need!("python3");
    for builder in ["", "https://ci.example/\"1\""] {
        let world = World::new(User::Caller);
        let options = ["--builder", builder];
        if !attested(&world, if builder.is_empty() { &[] } else { &options }) {
            return;
        }
        let mut command = Command::new(common::which("python3").unwrap());
        command.args(["-W", "ignore", "-c", CHECK, "statement.json", "build/ledger", "build/stage/store/p", builder]);
        ran(command.current_dir(&world.dir)).ok();
    }
}

/// The README's way to sign: an envelope of DSSE, by openssl.
#[test]
fn the_recipe_in_the_readme_signs_it() {
    need!("openssl", "python3");
    let world = World::new(User::Caller);
    if !attested(&world, &[]) {
        return;
    }
    let readme = std::fs::read_to_string(common::source_tree().join("README.md")).unwrap();
    let begin = readme.find("    type=application/vnd.in-toto+json").expect("the recipe");
    let recipe: String =
        readme[begin..].lines().take_while(|line| line.starts_with("    ")).map(|line| format!("{}\n", &line[4..])).collect();
    host("openssl", &[&"ecparam", &"-name", &"prime256v1", &"-genkey", &"-noout", &"-out", &world.path("key.pem")]);
    ran(world.command("/bin/sh").args(["-euc", &recipe])).ok();
    let check = "import base64, json; e = json.load(open('statement.dsse')); p = base64.b64decode(e['payload'])\n\
        t = e['payloadType']; assert json.loads(p)['_type'].startswith('https://in-toto.io/'); assert len(e['signatures']) == 1\n\
        open('signed', 'wb').write(b'DSSEv1 %d %s %d %s' % (len(t), t.encode(), len(p), p))\n\
        open('sig', 'wb').write(base64.b64decode(e['signatures'][0]['sig']))";
    ran(Command::new(common::which("python3").unwrap()).args(["-c", check]).current_dir(&world.dir)).ok();
    host("openssl", &[&"ec", &"-in", &world.path("key.pem"), &"-pubout", &"-out", &world.path("pub.pem")]);
    let said = host("openssl", &[&"dgst", &"-sha256", &"-verify", &world.path("pub.pem"), &"-signature", &world.path("sig"), &world.path("signed")]);
    assert_eq!(said, "Verified OK\n");
}

#[test]
fn nothing_is_attested_that_was_not_completed() {
    let world = World::new(User::Caller);
    world.write("a", "rawstrap-ledger 1\npackage p\nfailed 1 x:1:1 status=1 commands=1 strays=0 run false\nerror no\n");
    world.rawstrap(&["attest", "a"]).fails(2, "a has no package that was completed");
    world.write("a", "x");
    world.rawstrap(&["attest", "a"]).fails(2, "a is no ledger");
    world.rawstrap(&["attest"]).fails(1, "cannot open build/ledger");
}
