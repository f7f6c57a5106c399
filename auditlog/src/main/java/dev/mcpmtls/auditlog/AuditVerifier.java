// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipException;

/** Proves that a log's records are all there, in order and unchanged, from the first to the last, across rotated files. */
public final class AuditVerifier {

    private final Path file;

    /** A verifier of the log whose current file is {@code file}. */
    public AuditVerifier(Path file) {
        this.file = file;
    }

    /**
     * The result of a verification.
     *
     * @param records the number of records in the chain, as far as it is intact
     * @param files the number of files that hold them
     * @param end the end of the intact chain; keep it elsewhere to prove later that no earlier record was changed
     * @param problem the first break, with file and line; empty when there is none
     */
    public record Result(long records, int files, ChainEnd end, Optional<String> problem) {

        /** Whether every record is present and unchanged. */
        public boolean isIntact() {
            return problem.isEmpty();
        }
    }

    /** Verifies the whole log. */
    public Result verify() {
        return verify(Optional.empty());
    }

    /**
     * Verifies the whole log, and that it still continues an earlier state of it. This detects a cut-off end or a recomputed
     * chain.
     *
     * @param kept the {@link Result#end} of an earlier verification
     * @throws UncheckedIOException when a file cannot be read
     */
    public Result verify(Optional<ChainEnd> kept) {
        List<Path> files = Archive.of(file).files();
        Walk walk = new Walk(kept);
        for (Path part : files) {
            if (walk.problem.isEmpty()) {
                walk.through(part);
            }
        }
        walk.checkKept();
        return new Result(walk.end.sequence(), files.size(), walk.end, walk.problem);
    }

    private static final class Walk {
        private final Optional<ChainEnd> kept;
        private ChainEnd end = ChainEnd.GENESIS;
        private boolean keptSeen;
        private Optional<String> problem = Optional.empty();

        Walk(Optional<ChainEnd> kept) {
            this.kept = kept;
        }

        void through(Path part) {
            try (RecordLines lines = Archive.open(part)) {
                int number = 1;
                for (Optional<String> line = lines.next(); line.isPresent() && problem.isEmpty(); line = lines.next()) {
                    String where = part.getFileName() + " line " + number++;
                    problem = check(line.get()).map(found -> where + ": " + found);
                }
            } catch (EOFException | ZipException e) {
                problem = Optional.of(part.getFileName() + ": its compressed content is damaged or cut off");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private Optional<String> check(String line) {
            Optional<AuditRecord> parsed = AuditRecord.parse(line);
            if (parsed.isEmpty()) {
                return Optional.of("not an audit record");
            }
            AuditRecord record = parsed.get();
            if (record.sequence() != end.sequence() + 1) {
                return Optional.of("record " + (end.sequence() + 1) + " expected, found record " + record.sequence());
            }
            if (!record.field("mcp_mtls.chain").equals(end.hash())) {
                return Optional.of("record " + end.sequence() + " before it was changed");
            }
            end = ChainEnd.after(record);
            keptSeen |= kept.isPresent() && kept.get().equals(end);
            return Optional.empty();
        }

        void checkKept() {
            if (problem.isEmpty() && kept.isPresent() && !keptSeen) {
                problem = Optional.of("record " + kept.get().sequence() + " is missing or differs from the kept one");
            }
        }
    }
}
