import Foundation
import TestSupport

/// Runs one decoder over damaged inputs; the one of the moment is in a file, should it kill the process.
enum FuzzRun {
    /// - Parameters:
    ///   - cases: How many without `ENGRAM_FUZZ_SECONDS`; together all decoders take well under a minute.
    ///   - decode: Takes an input, and returns whether it was accepted.
    /// - Returns: how many were run and accepted.
    @discardableResult
    static func run(
        _ name: String,
        seed: UInt64,
        cases: Int,
        corpus: [[UInt8]],
        decode: ([UInt8]) -> Bool
    ) -> (total: Int, accepted: Int) {
        let settings = FuzzSettings.current(seed: seed)
        var mutator = ByteMutator(seed: settings.seed)
        let last = LastCase(name)
        // Writing each of many thousand inputs would take longer than decoding it.
        let isLong = settings.seconds != nil
        var accepted = 0
        let total = settings.run(name, cases: cases) { _ in
            let bytes = mutator.mutate(anyOf: corpus)
            if isLong { last.record(bytes.map { String($0, radix: 16) }.joined(separator: " ")) }
            if decode(bytes) { accepted += 1 }
            return true
        }
        return (total, accepted)
    }

    /// A golden file of another test target.
    static func golden(_ path: String) throws -> [UInt8] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return [UInt8](try Data(contentsOf: tests.appending(path: path)))
    }
}
