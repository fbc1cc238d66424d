import CLibpq
import ClusterInterface

/// The answer to one statement, in binary format; freed with the value.
struct PostgresResult: ~Copyable {
    private let result: OpaquePointer

    init(_ result: OpaquePointer) { self.result = result }

    deinit { PQclear(result) }

    var status: ExecStatusType { PQresultStatus(result) }

    /// Five characters that name the error, or nil where there is none or it is libpq's own.
    var errorCode: String? {
        PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) }
    }

    /// The error's main text, without details that repeat stored data.
    var errorMessage: String {
        let field = PQresultErrorField(result, Int32(UInt8(ascii: "M")))
        return String(cString: field ?? PQresultErrorMessage(result))
    }

    var rowCount: Int { Int(PQntuples(result)) }

    /// Rows that an insert, update or delete changed.
    var changedRowCount: Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }

    func text(row: Int, column: Int) throws(StoreError) -> String {
        let bytes = try field(row: row, column: column)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .corrupt("column \(column) is not UTF-8")
        }
        return text
    }

    func bytes(row: Int, column: Int) throws(StoreError) -> [UInt8] {
        Array(try field(row: row, column: column))
    }

    /// A `bigint`.
    func integer(row: Int, column: Int) throws(StoreError) -> Int64 {
        Int64(bitPattern: try word(of: try field(row: row, column: column), at: 0))
    }

    func uuid(row: Int, column: Int) throws(StoreError) -> BlockID {
        let bytes = try field(row: row, column: column)
        return BlockID(high: try word(of: bytes, at: 0), low: try word(of: bytes, at: 8))
    }

    /// A `bigint[]` of one dimension without nulls.
    func integers(row: Int, column: Int) throws(StoreError) -> [Int64] {
        let bytes = try field(row: row, column: column)
        let header = try word(of: bytes, at: 0) >> 32
        guard header != 0 else { return [] }
        let count = Int(try word(of: bytes, at: 12) >> 32)
        guard header == 1, bytes.count == 20 + 12 * count else {
            throw .corrupt("column \(column) is not an array of one dimension without nulls")
        }
        var values: [Int64] = []
        values.reserveCapacity(count)
        for index in 0..<count {
            values.append(Int64(bitPattern: try word(of: bytes, at: 24 + 12 * index)))
        }
        return values
    }

    private func field(row: Int, column: Int) throws(StoreError) -> UnsafeRawBufferPointer {
        precondition(row < rowCount && column < Int(PQnfields(result)))
        let (row, column) = (Int32(row), Int32(column))
        guard PQgetisnull(result, row, column) == 0 else {
            throw .corrupt("column \(column) is null")
        }
        return UnsafeRawBufferPointer(
            start: PQgetvalue(result, row, column),
            count: Int(PQgetlength(result, row, column))
        )
    }

    private func word(of bytes: UnsafeRawBufferPointer, at offset: Int) throws(StoreError) -> UInt64
    {
        guard bytes.count >= offset + 8 else {
            throw .corrupt("a column of \(bytes.count) bytes, at least \(offset + 8) expected")
        }
        return UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
