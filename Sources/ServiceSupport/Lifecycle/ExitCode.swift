import Glibc

/// How a process ends.
public enum ExitCode: Int32, Sendable {
    /// A graceful stop, or the answer to `--help` and the like was printed.
    case success = 0
    /// Something failed while running.
    case failure = 1
    /// Bad flags (`EX_USAGE` of sysexits).
    case usage = 64
    /// Bad configuration (`EX_CONFIG` of sysexits).
    case configuration = 78

    /// Ends the process.
    public func exit() -> Never { Glibc.exit(rawValue) }
}
