import Foundation

/// A folder that goes with the object.
final class ScratchFolder: Sendable {
    let path: String

    init(_ purpose: String) throws {
        path =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("engram-\(purpose)-\(UUID().uuidString.prefix(13))").path
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func write(_ text: String, to name: String) throws {
        try text.write(toFile: file(name), atomically: true, encoding: .utf8)
    }

    /// The end of a text file, for messages.
    func tail(of name: String) -> String {
        let text = (try? String(contentsOfFile: file(name), encoding: .utf8)) ?? ""
        return String(text.suffix(3000))
    }
}
