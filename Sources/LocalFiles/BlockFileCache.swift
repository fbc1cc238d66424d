public import ClusterInterface
internal import CoreMetrics
internal import Dispatch
internal import Glibc
internal import Synchronization

/// Bytes of blocks in files of the local disk, for queriers far from their store.
///
/// Bytes are checked when they are read: those that are damaged are forgotten, and queries read the store instead.
/// Files are never synced, for what a power failure tears is found by its checksum. Where writing fails, nothing is
/// written for a while; the oldest file is given up where the disk is full, because it may be the log's, too.
public final class BlockFileCache: BlockBytesCache {
    /// Bytes that may wait to be written; what comes when there are more is not kept.
    public static let maximumWaitingSize = 64 << 20
    /// Nothing is written for so long after a failure.
    public static let pauseAfterFailure = Duration.seconds(10)

    private struct State {
        var index: BlockFileIndex
        /// Open files by number; closed when the last read of a deleted one has ended.
        var files: [UInt64: BlockFile] = [:]
        var waitingSize = 0
        /// Nothing is written before it.
        var notBefore: ContinuousClock.Instant?
        /// The last file's bytes are not those of the index, because a write failed.
        var isLastFileTorn = false
    }

    private let directory: BlockFileDirectory
    private let limit: Int
    private let calls: LogFileCalls
    private let metrics = BlockFileMetrics()
    private let state: Mutex<State>
    /// Reads block; each query has one thread at most.
    private let readers = DispatchQueue(label: "engram-block-cache", attributes: .concurrent)
    /// Everything that changes files.
    private let writer = DispatchQueue(label: "engram-block-cache-writer")

    /// Takes a directory and begins to read in the background what an earlier process left in it.
    ///
    /// - Parameters:
    ///   - directory: Made if it does not exist.
    ///   - limit: Bytes of all files together.
    /// - Throws: ``FileLogError``, also where another process has the directory.
    public convenience init(directory: String, limit: Int) throws {
        try self.init(directory: directory, limit: limit, calls: .posix)
    }

    init(directory path: String, limit: Int, calls: LogFileCalls) throws(FileLogError) {
        directory = try BlockFileDirectory(path)
        self.limit = limit
        self.calls = calls
        state = Mutex(State(index: BlockFileIndex(limit: limit)))
        writer.async { self.load() }
    }

    public func find(_ wanted: [BlockRead]) async -> [[[UInt8]?]] {
        let records = wanted.map { one in one.ranges.map { BlockFileRecord(one.block, $0) } }
        let places = state.withLock { state in
            records.map { $0.map { record in Self.place(of: record, state) } }
        }
        guard places.contains(where: { $0.contains { $0 != nil } }) else {
            metrics.misses.increment(by: places.reduce(0) { $0 + $1.count })
            return places.map { [[UInt8]?](repeating: nil, count: $0.count) }
        }
        return await withCheckedContinuation { continuation in
            readers.async {
                let found = zip(records, places).map { records, places in
                    zip(records, places).map { self.read($0, at: $1) }
                }
                continuation.resume(returning: found)
            }
        }
    }

    public func keep(_ read: [BlockRead], _ bytes: [[[UInt8]]]) {
        let size = bytes.joined().reduce(0) { $0 + $1.count }
        let isTaken = state.withLock { state in
            guard state.waitingSize + size <= Self.maximumWaitingSize,
                state.notBefore.map({ ContinuousClock.now >= $0 }) ?? true
            else { return false }
            state.waitingSize += size
            return true
        }
        guard isTaken else { return metrics.skipped.increment() }
        writer.async {
            for (one, parts) in zip(read, bytes) {
                for (range, part) in zip(one.ranges, parts) where range.count == part.count {
                    self.write(BlockFileRecord(one.block, range), part)
                }
            }
            let held = self.state.withLock { state in
                state.waitingSize -= size
                return state.index.size
            }
            self.metrics.size.record(held)
        }
    }

    /// Returns when all that was handed over before is written or given up.
    func settle() async {
        await withCheckedContinuation { continuation in
            writer.async { continuation.resume() }
        }
    }

    /// Bytes of all files, as the index has them.
    var size: Int { state.withLock { $0.index.size } }

    /// A place with the file that is open for it.
    private struct OpenPlace: Sendable {
        let place: BlockFileIndex.Place
        let file: BlockFile
    }

    private static func place(of record: BlockFileRecord, _ state: State) -> OpenPlace? {
        guard let place = state.index.place(of: record.key), place.size == record.storedSize,
            let file = state.files[place.file]
        else { return nil }
        return OpenPlace(place: place, file: file)
    }

    private func read(_ record: BlockFileRecord, at place: OpenPlace?) -> [UInt8]? {
        guard let place else {
            metrics.misses.increment()
            return nil
        }
        let stored = place.file.read(place.place.offset, count: place.place.size)
        guard let stored, let content = record.content(of: stored) else {
            metrics.damaged.increment()
            metrics.misses.increment()
            state.withLock { $0.index.forget(record.key, at: place.place) }
            return nil
        }
        metrics.hits.increment()
        return content
    }

    /// Writes one record; on the writer's queue.
    private func write(_ record: BlockFileRecord, _ content: [UInt8]) {
        let size = record.storedSize
        let (isWanted, needsFile, last) = state.withLock { state in
            let isPaused = state.notBefore.map { ContinuousClock.now < $0 } ?? false
            return (
                !isPaused && state.index.accepts(size) && state.index.place(of: record.key) == nil,
                state.isLastFileTorn || state.index.needsFile(for: size),
                state.index.fileNumbers.last
            )
        }
        guard isWanted else { return }
        if needsFile, !beginFile((last ?? 0) + 1) { return }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        record.append(content, to: &bytes)
        let (file, offset) = state.withLock { state in
            let last = state.index.fileNumbers.last
            return (last.flatMap { state.files[$0] }, state.index.lastFileSize)
        }
        guard let file else { return }
        let code = file.write(bytes, at: offset, calls)
        guard code == 0 else {
            file.truncate(to: offset)
            return failed(code)
        }
        state.withLock { $0.index.add(record.key, size: size) }
    }

    private func beginFile(_ number: UInt64) -> Bool {
        let leaving = state.withLock { state in
            state.index.begin(number, expected: state.index.fileSize)
        }
        remove(leaving)
        switch directory.create(number) {
        case .success(let file):
            state.withLock { state in
                state.files[number] = file
                state.isLastFileTorn = false
            }
            return true
        case .failure(let error):
            failed(error.code)
            return false
        }
    }

    /// Stops writing for a while.
    private func failed(_ code: Int32) {
        let isFull = code == ENOSPC || code == EDQUOT
        (isFull ? metrics.full : metrics.unwritable).increment()
        let leaving = state.withLock { state in
            state.notBefore = .now + Self.pauseAfterFailure
            // A record may stand there in part: the next goes to another file.
            state.isLastFileTorn = true
            return isFull ? state.index.giveUpOldest() : nil
        }
        if let leaving { remove([leaving]) }
    }

    private func remove(_ numbers: [UInt64]) {
        for number in numbers {
            directory.remove(number)
            state.withLock { $0.files[number] = nil }
            metrics.evictions.increment()
        }
    }

    /// Reads the starts of all records that are there; on the writer's queue.
    private func load() {
        for number in directory.files() {
            guard let file = directory.open(number), let size = file.size else { continue }
            // Of a cache that was larger.
            guard size <= limit else {
                remove([number])
                continue
            }
            remove(state.withLock { $0.index.begin(number, expected: size) })
            state.withLock { $0.files[number] = file }
            var offset = 0
            while let (key, size) = file.record(at: offset) {
                state.withLock { $0.index.add(key, size: size) }
                offset += size
            }
            if offset < size { file.truncate(to: offset) }
        }
        // What it ends with may be torn: nothing is written behind it.
        let held = state.withLock { state in
            state.isLastFileTorn = true
            return state.index.size
        }
        metrics.size.record(held)
    }
}
