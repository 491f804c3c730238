import Glibc

/// How many times as many random inputs as usual the tests try: the environment's `MARTLET_FUZZ_FACTOR`.
let fuzzFactor = getenv("MARTLET_FUZZ_FACTOR").flatMap { Int(String(cString: $0)) } ?? 1
