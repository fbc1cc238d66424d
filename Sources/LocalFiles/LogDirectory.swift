internal import Glibc

/// The directory that holds a log's segments, taken for one user at a time.
///
/// The lock is the kernel's (`flock` on the file `lock`), so it ends with the process, however that ends.
final class LogDirectory: Sendable {
    let path: String
    private let handle: Int32
    private let lock: Int32

    private static let suffix = ".wal"
    /// A segment that is being made; one that a crash left behind holds nothing.
    private static let unfinishedSuffix = ".wal.new"

    /// Makes the directory if need be, with those above it, and takes it.
    init(_ path: String) throws(FileLogError) {
        self.path = path
        try Self.makeDirectories(path)
        handle = try Self.open(path, O_RDONLY | O_DIRECTORY)
        do throws(FileLogError) {
            lock = try Self.open(path + "/lock", O_RDWR | O_CREAT)
        } catch {
            close(handle)
            throw error
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(lock)
            close(handle)
            guard code == EWOULDBLOCK else {
                throw .system(operation: "lock", path: path, code: code)
            }
            throw .locked(directory: path)
        }
    }

    deinit {
        close(lock)
        close(handle)
    }

    /// Gives the directory up to others.
    func release() { flock(lock, LOCK_UN) }

    /// Numbers of the segments, ascending.
    func segments() throws(FileLogError) -> [UInt64] {
        try entries().compactMap { name in
            name.hasSuffix(Self.suffix) ? UInt64(name.dropLast(Self.suffix.count)) : nil
        }.sorted()
    }

    func path(ofSegment number: UInt64) -> String { path(number, Self.suffix) }

    /// Where a segment is made before ``publish(segment:_:)`` gives it its name.
    func unfinishedPath(ofSegment number: UInt64) -> String {
        path(number, Self.unfinishedSuffix)
    }

    /// Gives a finished segment file its name, durably.
    func publish(segment number: UInt64, _ calls: LogFileCalls) throws(FileLogError) {
        let name = path(ofSegment: number)
        guard rename(unfinishedPath(ofSegment: number), name) == 0 else {
            throw .system(operation: "rename", path: name, code: errno)
        }
        try sync(calls)
    }

    /// Deletes segments, oldest first, so that what a crash leaves is a whole end of the log.
    func remove(_ numbers: [UInt64], _ calls: LogFileCalls) throws(FileLogError) {
        guard !numbers.isEmpty else { return }
        for number in numbers.sorted() {
            guard unlink(path(ofSegment: number)) == 0 || errno == ENOENT else {
                throw .system(
                    operation: "delete",
                    path: path(ofSegment: number),
                    code: errno
                )
            }
        }
        try sync(calls)
    }

    /// Deletes what a crash left of segments in the making.
    func removeUnfinished() throws(FileLogError) {
        for name in try entries() where name.hasSuffix(Self.unfinishedSuffix) {
            guard unlink(path + "/" + name) == 0 else {
                throw .system(operation: "delete", path: path + "/" + name, code: errno)
            }
        }
    }

    private func sync(_ calls: LogFileCalls) throws(FileLogError) {
        let code = calls.syncDirectory(handle)
        guard code == 0 else { throw .system(operation: "sync", path: path, code: code) }
    }

    private func path(_ number: UInt64, _ suffix: String) -> String {
        let digits = String(number)
        // As many digits as the largest number has, so that names sort as numbers do.
        return path + "/" + String(repeating: "0", count: 20 - digits.count) + digits + suffix
    }

    func entries() throws(FileLogError) -> [String] {
        guard let stream = opendir(path) else {
            throw .system(operation: "list", path: path, code: errno)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { name in
                    String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
                }
            )
        }
        return names
    }

    private static func open(_ path: String, _ flags: Int32) throws(FileLogError) -> Int32 {
        let handle = Glibc.open(path, flags | O_CLOEXEC, 0o640)
        guard handle >= 0 else { throw .system(operation: "open", path: path, code: errno) }
        return handle
    }

    private static func makeDirectories(_ path: String) throws(FileLogError) {
        guard mkdir(path, 0o750) != 0, errno != EEXIST else { return }
        let code = errno
        guard code == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw .system(operation: "create directory", path: path, code: code)
        }
        try makeDirectories(String(path[..<slash]))
        guard mkdir(path, 0o750) == 0 || errno == EEXIST else {
            throw .system(operation: "create directory", path: path, code: errno)
        }
    }
}
