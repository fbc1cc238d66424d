import Foundation
import Glibc
import TestSupport

/// Asks until the answer is yes.
///
/// - Throws: where it is still no after the given time, or what the condition throws.
func eventually(
    within seconds: Double,
    _ what: @autoclosure () -> String,
    every pause: Double = 0.02,
    _ condition: () throws -> Bool
) throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try !condition() {
        guard ContinuousClock.now < deadline else {
            throw TestSupportError("no \(what()) within \(seconds) s")
        }
        breathe(pause)
    }
}

/// Lets the others run for some seconds.
func breathe(_ seconds: Double) { usleep(UInt32(seconds * 1_000_000)) }
