internal import ClusterSimulation
internal import Glibc

/// Runs simulations of a cluster:
/// `engram-simulation [--seeds N] [--first SEED] [--seed SEED] [--planted BUG] [--faults KIND,…]`.
///
/// With `--seed` one run with all that happened in it; else many, from `--first` on. With `--planted` a mistake is in the
/// wiring. With `--faults` these happen and no others; else the seed says which. Ends with status 1 where a check failed.
func argument(_ name: String) -> String? {
    let arguments = CommandLine.arguments
    guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else {
        return nil
    }
    return arguments[index + 1]
}

func refuse(_ name: String, _ text: String, expected: String) -> Never {
    print("\(name): expected \(expected), found \"\(text)\"")
    exit(2)
}

func number(_ name: String) -> UInt64? {
    guard let text = argument(name) else { return nil }
    guard let value = UInt64(text) else { refuse(name, text, expected: "a number") }
    return value
}

func show(_ text: String) {
    print(text)
    fflush(nil)
}

/// Failed seeds after which the rest is not run: one is enough to work on.
let maximumFailures = 3
let clock = ContinuousClock()
let start = clock.now

func elapsedSeconds() -> Int64 { start.duration(to: clock.now).components.seconds }

var settings = SimulationSettings()
if let name = argument("--planted") {
    guard let bug = PlantedBug(rawValue: name) else {
        let names = PlantedBug.allCases.map(\.rawValue).joined(separator: ", ")
        refuse("--planted", name, expected: "one of \(names)")
    }
    settings.plantedBug = bug
}
if let names = argument("--faults") {
    guard let kinds = FaultKinds(names: names) else {
        let known = (["none"] + FaultKinds.names).joined(separator: ", ")
        refuse("--faults", names, expected: "some of \(known), with commas between them")
    }
    settings.faults = kinds
}
if let seed = number("--seed") {
    settings.keepsWholeTrace = true
    let report = SimulatedCluster(seed: seed, settings: settings).run()
    for line in report.trace { print(line) }
    for failure in report.failures { print("FAILED: \(failure)") }
    show("seed \(seed): \(report.isGood ? "all checks held" : "a check failed"); \(report.figures)")
    exit(report.isGood ? 0 : 1)
}
let count = number("--seeds") ?? 300
let first = number("--first") ?? 1
var figures = SimulationFigures()
var failed: [UInt64] = []
var done: UInt64 = 0
var shownAt: Int64 = 0
while done < count, failed.count < maximumFailures {
    let report = SimulatedCluster(seed: first + done, settings: settings).run()
    done += 1
    figures.add(report.figures)
    if !report.isGood {
        failed.append(report.seed)
        show(report.text)
    }
    if elapsedSeconds() - shownAt >= 5 {
        shownAt = elapsedSeconds()
        show("\(done) of \(count) seeds, \(failed.count) failed, \(shownAt) s")
    }
}
show("\(done) seeds from \(first) in \(elapsedSeconds()) s: \(figures)")
show(
    failed.isEmpty
        ? "all checks held" : "failed: \(failed.map(String.init).joined(separator: ", "))"
)
exit(failed.isEmpty ? 0 : 1)
