import Foundation

/// How long and from which seed: `ENGRAM_CHAOS_MINUTES`, `ENGRAM_OUTAGE_MINUTES` and `ENGRAM_CHAOS_SEED`.
enum ChaosSettings {
    static var chaosSeconds: Double { 60 * (number("ENGRAM_CHAOS_MINUTES") ?? 2) }

    /// How long the database is away at least; nil as long as windows need to be due.
    static var outageSeconds: Double? { number("ENGRAM_OUTAGE_MINUTES").map { 60 * $0 } }

    static var seed: UInt64 { number("ENGRAM_CHAOS_SEED").map { UInt64($0) } ?? 16 }

    private static func number(_ name: String) -> Double? {
        ProcessInfo.processInfo.environment[name].flatMap { Double($0) }
    }
}
