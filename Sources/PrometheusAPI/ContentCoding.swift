internal import NIOCore

/// How the body of an answer is compressed.
enum ContentCoding: String {
    case gzip
    case zstd

    /// Bodies of fewer bytes travel in one packet as they are.
    static let threshold = 1024

    /// The coding that a client likes best, or nil where that is none.
    ///
    /// Of several that it likes equally: zstd, which costs a fraction. `*` stands for gzip, which every client knows.
    /// - Parameter fields: The values of `Accept-Encoding` (RFC 9110, section 12.5.3).
    static func preferred(in fields: [String]) -> ContentCoding? {
        let weights = weights(in: fields)
        let identity = weights["identity"] ?? 0
        let gzip = weights["gzip"] ?? weights["x-gzip"] ?? weights["*"] ?? 0
        let zstd = weights["zstd"] ?? 0
        guard max(gzip, zstd) > 0, max(gzip, zstd) >= identity else { return nil }
        return zstd >= gzip ? .zstd : .gzip
    }

    /// Bytes that are compressed between two questions whether to go on: some ten milliseconds by gzip.
    static let partSize = 1 << 20

    /// The compressed bytes, at the fastest level: answers are sent once.
    ///
    /// - Parameter check: Asked now and then; what it throws ends the work.
    func compress(_ bytes: ByteBuffer, check: () throws -> Void = {}) throws -> ByteBuffer {
        switch self {
        case .gzip: try GzipStream.compress(bytes, check: check)
        case .zstd: try ZstdStream.compress(bytes, check: check)
        }
    }

    /// Coding names in lower case and their weights of 0 to 1; a weight that is no number is 0.
    private static func weights(in fields: [String]) -> [String: Double] {
        var weights: [String: Double] = [:]
        for element in fields.flatMap({ $0.split(separator: ",") }) {
            let parts = element.split(separator: ";").map { part in
                part.filter { $0 != " " && $0 != "\t" }.lowercased()
            }
            guard let name = parts.first else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }
            weights[name] = weight.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
        }
        return weights
    }
}

/// A compression library gave up, which it does only without memory.
struct CompressionError: Error {
    let coding: ContentCoding
    /// The library's own number.
    let code: Int
}
