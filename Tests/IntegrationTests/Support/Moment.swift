import Foundation

/// Times in milliseconds since the Unix epoch.
enum Moment {
    static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    /// The newest border between two 2 h windows.
    static var windowBorder: Int64 { now / 7_200_000 * 7_200_000 }
}
