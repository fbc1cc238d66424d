import Foundation

/// How long random tests run and from which seed: `ENGRAM_FUZZ_SECONDS` and `ENGRAM_FUZZ_SEED`.
public struct FuzzSettings: Sendable {
    public var seed: UInt64
    /// Runs for this long; nil where a fixed number of cases is run.
    public var seconds: Double?

    /// - Parameter seed: where the environment names none.
    public static func current(seed: UInt64) -> FuzzSettings {
        let environment = ProcessInfo.processInfo.environment
        return FuzzSettings(
            seed: environment["ENGRAM_FUZZ_SEED"].flatMap { UInt64($0) } ?? seed,
            seconds: environment["ENGRAM_FUZZ_SECONDS"].flatMap { Double($0) }
        )
    }

    /// Runs `body` with the number of each case, until the cases or the seconds are used up or it returns false.
    ///
    /// - Parameter cases: how many where the environment names no seconds.
    /// - Returns: how many were run.
    @discardableResult
    public func run(
        _ name: String,
        cases: Int,
        _ body: (Int) throws -> Bool
    ) rethrows -> Int {
        let start = ContinuousClock.now
        var reported = start
        var number = 0
        while true {
            if let seconds {
                guard ContinuousClock.now - start < .seconds(seconds) else { break }
            } else if number >= cases {
                break
            }
            guard try body(number) else { return number + 1 }
            number += 1
            if seconds != nil, ContinuousClock.now - reported > .seconds(10) {
                reported = .now
                print("\(name), seed \(seed): \(number) cases")
            }
        }
        if seconds != nil { print("\(name), seed \(seed): \(number) cases, done") }
        return number
    }
}
