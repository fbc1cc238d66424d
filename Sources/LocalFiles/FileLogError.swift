internal import Glibc

/// Why the log cannot be opened, read or written.
public enum FileLogError: Error, Equatable, CustomStringConvertible {
    /// Another process, or another log of this one, has the directory.
    case locked(directory: String)
    /// A call of the operating system failed; `offset` is the byte of the file that it was about.
    case system(operation: String, path: String, offset: Int? = nil, code: Int32)
    /// The log was closed before the record was taken.
    case closed

    public var description: String {
        switch self {
        case .locked(let directory):
            "the log directory \"\(directory)\" is in use by another process"
        case .system(let operation, let path, let offset, let code):
            "\(operation) \"\(path)\"\(offset.map { " at offset \($0)" } ?? ""): "
                + "\(String(cString: strerror(code))) (errno \(code))"
        case .closed: "the log is closed"
        }
    }
}
