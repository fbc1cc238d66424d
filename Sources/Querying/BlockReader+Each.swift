internal import BlockFormat
internal import ClusterInterface
internal import PromQL

/// For what is read block by block, because it needs much memory or little of each.
extension BlockReader {
    /// Calls the body for each block of the range, oldest first.
    ///
    /// - Throws: ``QueryError`` that names the block where its bytes are damaged or the store does not answer.
    func forEachBlock<Answer>(
        _ request: SelectRequest,
        _ body: (BlockRecord, BlockDirectory) async throws -> Answer
    ) async throws -> [Answer] {
        try await QueryError.translating {
            var answers: [Answer] = []
            for block in try await locate(request) {
                do {
                    answers.append(try await body(block.record, block.directory))
                } catch let error as BlockFormatError {
                    try block.naming { () throws(BlockFormatError) in throw error }
                }
            }
            return answers
        }
    }

    /// Takes pages of one block from the cache, and fetches the others.
    func open(
        _ needed: [NeededPage],
        of block: BlockRecord,
        _ directory: BlockDirectory,
        _ memory: MemoryAccount
    ) async throws -> [OpenPage] {
        let block = LocatedBlock(record: block, directory: directory)
        return try await open([PageDemand(block: block, pages: needed)], memory)[0]
    }
}
