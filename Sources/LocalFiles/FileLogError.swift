internal import Glibc

/// Why the log cannot be opened, read or written.
public enum FileLogError: Error, Equatable, CustomStringConvertible {
    /// Another process, or another log of this one, has the directory.
    case locked(directory: String)
    /// A call of the operating system failed.
    case system(operation: String, path: String, code: Int32)
    /// The log was closed before the record was taken.
    case closed

    public var description: String {
        switch self {
        case .locked(let directory):
            "the log directory \"\(directory)\" is in use by another process"
        case .system(let operation, let path, let code):
            "\(operation) \"\(path)\": \(String(cString: strerror(code))) (errno \(code))"
        case .closed: "the log is closed"
        }
    }
}
