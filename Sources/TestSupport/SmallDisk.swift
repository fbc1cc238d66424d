import Foundation

/// A file system of its own in memory that a test can fill and make read-only; needs the right to mount.
public final class SmallDisk {
    public let path: String

    /// Whether this process may mount one.
    public static let isPossible = (try? SmallDisk(megabytes: 1)) != nil

    public init(megabytes: Int) throws {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "engram-disk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
        do {
            try Command.run(["mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", path])
        } catch {
            try? FileManager.default.removeItem(atPath: path)
            throw error
        }
    }

    deinit {
        // Lazily, since files of it may be open still.
        _ = try? Command.run(["umount", "--lazy", path])
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Takes all room that is left.
    public func fill() throws {
        guard let file = fopen(filler, "w") else { throw TestSupportError("no \(filler)") }
        let block = [UInt8](repeating: 1, count: 4096)
        while fwrite(block, 1, block.count, file) == block.count, fflush(file) == 0 {}
        fclose(file)
    }

    public func makeRoom() throws { try FileManager.default.removeItem(atPath: filler) }

    /// Fails while files of it are open for writing.
    public func setReadOnly(_ isReadOnly: Bool) throws {
        try Command.run(["mount", "-o", "remount," + (isReadOnly ? "ro" : "rw"), path])
    }

    private var filler: String { path + "/filler" }
}
