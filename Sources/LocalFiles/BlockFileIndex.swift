/// Where in the cache's files each record is, and which file has to go; decides, does no IO.
///
/// Files are filled one after the other and never written again; the oldest goes first, whole. So the cache never
/// has more bytes than its limit, nothing is moved, and what a crash leaves is a whole file and a torn end.
struct BlockFileIndex {
    struct Place: Equatable {
        /// Number of the file.
        let file: UInt64
        let offset: Int
        /// Bytes of the record.
        let size: Int
    }

    private struct File {
        let number: UInt64
        var size = 0
        var keys: [BlockFileKey] = []
    }

    /// Bytes that all files together may have.
    let limit: Int
    /// Bytes that one file may have.
    let fileSize: Int
    private var places: [BlockFileKey: Place] = [:]
    /// Oldest first; the last is the one being filled.
    private var files: [File] = []

    /// Few enough files to hold them all open, and small enough that little goes at a time.
    init(limit: Int) {
        self.limit = limit
        fileSize = max(min(64 << 20, limit / 8), limit / 256)
    }

    var count: Int { places.count }
    /// Bytes of all files.
    var size: Int { files.reduce(0) { $0 + $1.size } }
    /// Bytes of the file that is being filled.
    var lastFileSize: Int { files.last?.size ?? 0 }
    /// Numbers of the files, oldest first.
    var fileNumbers: [UInt64] { files.map(\.number) }

    /// Whether a record of so many bytes is small enough to be kept.
    func accepts(_ size: Int) -> Bool { size <= fileSize && size < Int(UInt32.max) }

    func place(of key: BlockFileKey) -> Place? { places[key] }

    /// Whether some bytes go to another file than the last.
    func needsFile(for size: Int) -> Bool {
        guard let last = files.last else { return true }
        return last.size + size > fileSize
    }

    /// Begins another file, to which the next records go.
    ///
    /// - Parameter expected: Bytes that it will have.
    /// - Returns: Files that have to be deleted first, so that there is room for it.
    mutating func begin(_ number: UInt64, expected: Int) -> [UInt64] {
        precondition(files.last.map { $0.number < number } ?? true, "file \(number) comes too late")
        var leaving: [UInt64] = []
        // One that could not be written at all.
        if let last = files.last, last.size == 0 { leaving.append(files.removeLast().number) }
        while !files.isEmpty, size + expected > limit { leaving.append(removeOldest()) }
        files.append(File(number: number))
        return leaving
    }

    /// Takes a record that stands at the end of the last file; a newer one of the same key counts.
    mutating func add(_ key: BlockFileKey, size: Int) {
        let last = files.count - 1
        places[key] = Place(file: files[last].number, offset: files[last].size, size: size)
        files[last].keys.append(key)
        files[last].size += size
    }

    /// Forgets a record whose bytes are damaged, unless there is a newer one meanwhile.
    mutating func forget(_ key: BlockFileKey, at place: Place) {
        if places[key] == place { places[key] = nil }
    }

    /// Makes room on a disk that is full.
    ///
    /// - Returns: The file to delete; nil where there is none but the one being filled.
    mutating func giveUpOldest() -> UInt64? { files.count > 1 ? removeOldest() : nil }

    private mutating func removeOldest() -> UInt64 {
        let file = files.removeFirst()
        for key in file.keys where places[key]?.file == file.number { places[key] = nil }
        return file.number
    }
}
