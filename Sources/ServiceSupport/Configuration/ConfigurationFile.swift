import Configuration
import Glibc
import Yams

/// A YAML file of sections and keys, with the line of each key.
///
/// The sections may be nested (`http:` with `listen:` below) or written out (`http.listen:`).
struct ConfigurationFile {
    /// One key of the file.
    struct Entry: Equatable {
        /// `section.someKey`.
        let key: String
        /// Starts at 1.
        let line: Int
        let isList: Bool
        /// `key:` or `key: null`, which says nothing about the value.
        let isEmpty: Bool
    }

    /// Largest file that is read, bytes.
    static let maxSize = 1 << 20

    let path: String
    let entries: [Entry]
    /// The values, held by swift-configuration; nil when the file holds no keys.
    let snapshot: (any ConfigSnapshot)?

    /// Reads and parses a file.
    init(path: String) throws(ConfigurationError) {
        try self.init(path: path, bytes: Self.read(path, maxSize: Self.maxSize))
    }

    /// Parses the bytes of a file; `path` is for messages.
    init(path: String, bytes: [UInt8]) throws(ConfigurationError) {
        self.path = path
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .fileMalformed(path: path, reason: "not UTF-8 text")
        }
        do {
            guard let root = try Yams.compose(yaml: text), !Self.isNull(root) else {
                entries = []
                snapshot = nil
                return
            }
            entries = try Self.entries(of: root, path: path)
            snapshot = try YAMLSnapshot(
                data: bytes.span.bytes,
                providerName: path,
                parsingOptions: .default
            )
        } catch let error as ConfigurationError {
            throw error
        } catch let error as YamlError {
            throw .fileMalformed(path: path, reason: Self.reason(of: error))
        } catch {
            throw .fileMalformed(path: path, reason: "\(error)")
        }
    }

    /// The place of a key.
    func source(of entry: Entry) -> ValueSource { .file(path: path, line: entry.line) }

    /// Flattens the nested mappings of a document.
    private static func entries(of root: Node, path: String) throws -> [Entry] {
        guard case .mapping = root else {
            throw ConfigurationError.fileMalformed(
                path: path,
                reason: "expected sections with keys at the top level"
            )
        }
        var entries: [Entry] = []
        var waiting: [(prefix: [String], node: Node)] = [([], root)]
        while let (prefix, node) = waiting.popLast() {
            guard case .mapping(let mapping) = node else { continue }
            for (nameNode, value) in mapping {
                guard let name = nameNode.scalar?.string else {
                    throw ConfigurationError.fileMalformed(
                        path: path,
                        reason: "line \(nameNode.mark?.line ?? 0): a key is not a word"
                    )
                }
                if case .mapping = value {
                    waiting.append((prefix + [name], value))
                    continue
                }
                entries.append(
                    Entry(
                        key: (prefix + [name]).joined(separator: "."),
                        line: nameNode.mark?.line ?? 0,
                        isList: value.sequence != nil,
                        isEmpty: isNull(value)
                    )
                )
            }
        }
        return entries.sorted { ($0.line, $0.key) < ($1.line, $1.key) }
    }

    /// What is wrong, and where; never the text of the file, which may hold a password.
    static func reason(of error: YamlError) -> String {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "line \(mark.line), column \(mark.column): \(problem)"
        case .reader(let problem, _, _, _), .writer(let problem), .emitter(let problem),
            .representer(let problem):
            problem
        case .duplicatedKeysInMapping(let duplicates, let context):
            "line \(context.mark.line): set twice: " + duplicates.joined(separator: ", ")
        case .memory: "out of memory"
        case .no, .dataCouldNotBeDecoded: "not readable as YAML"
        }
    }

    static func isNull(_ node: Node) -> Bool {
        guard let scalar = node.scalar, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// The bytes of a file.
    ///
    /// - Throws: ``ConfigurationError/fileUnreadable(path:reason:)``, also where it has more than `maxSize` bytes.
    static func read(_ path: String, maxSize: Int) throws(ConfigurationError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .fileUnreadable(path: path, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw .fileUnreadable(path: path, reason: String(cString: strerror(errno)))
            }
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: buffer[..<count])
            guard bytes.count <= maxSize else {
                throw .fileUnreadable(path: path, reason: "larger than \(maxSize) bytes")
            }
        }
    }
}
