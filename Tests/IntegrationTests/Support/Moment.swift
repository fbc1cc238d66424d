import Foundation

/// Times in milliseconds since the Unix epoch.
enum Moment {
    static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    /// A border between two 2 h windows, 4 to 6 hours ago.
    ///
    /// Load that starts there may run ahead of the clock for hours before its samples count as of the future.
    static var windowBorder: Int64 { (now / 7_200_000 - 2) * 7_200_000 }
}
