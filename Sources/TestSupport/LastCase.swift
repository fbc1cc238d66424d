import Foundation

/// A file with the input that a random test works on; where the process dies, it is what killed it.
public final class LastCase {
    /// Below the folder for temporary files.
    public let path: String

    public init(_ name: String) {
        path =
            FileManager.default.temporaryDirectory
            .appendingPathComponent(
                "engram-fuzz-\(name)-\(ProcessInfo.processInfo.processIdentifier)"
            )
            .path
        print("\(name): the input of the moment is in \(path)")
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    public func record(_ text: String) {
        try? Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
}
