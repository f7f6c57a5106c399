// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.files.OwnedFiles;
import dev.mcpmtls.files.SmallFiles;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.trust.Purpose;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The issued and revoked certificates: one line each, on the disk before a certificate is returned. Lines are only appended.
 * When most of them are about certificates that expired long ago, a new file without these replaces this one.
 *
 * <pre>
 * issued  AT SERIAL CREDENTIAL NOT-BEFORE NOT-AFTER PURPOSES NAMES KEY-PIN ISSUER
 * revoked AT SERIAL REASON unrecorded
 * recorded AT SERIAL
 * crl     AT NUMBER
 * deleted AT CREDENTIAL
 * </pre>
 *
 * <p>A revocation is {@code unrecorded} until a line {@code recorded} says that the audit log has it. Older journals lack the word;
 * the audit log has all their revocations.
 *
 * <p>Writers hold the store's lock. An incomplete last line was never acknowledged, and is removed. No two lines are the same.
 * A reader that finds another line in the place of the last one it read therefore knows that the file was replaced.
 */
final class Journal {

    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

    private static final String UNRECORDED = "unrecorded";

    /** The time after its expiry for which a certificate is kept. */
    static final Duration MEMORY = Duration.ofDays(30);

    private final Path file;
    private final Map<BigInteger, Issued> issued = new LinkedHashMap<>();
    private final Set<BigInteger> unrecorded = new LinkedHashSet<>();
    private String lastLine = "";
    private long readTo;
    private int lines;
    private long listNumber;
    private boolean isAheadOfList;

    Journal(Path file) {
        this.file = file;
    }

    /** All issued certificates, oldest first. */
    synchronized List<Issued> issued() {
        catchUp();
        return List.copyOf(issued.values());
    }

    synchronized Optional<Issued> find(BigInteger serialNumber) {
        catchUp();
        return Optional.ofNullable(issued.get(serialNumber));
    }

    /** The newest certificate of a credential. */
    Optional<Issued> latest(String credential) {
        return issued().stream()
                .filter(certificate -> certificate.credential().equals(credential))
                .reduce((before, after) -> after);
    }

    /** The number of the last CRL that was begun; 0 before the first. */
    synchronized long listNumber() {
        catchUp();
        return listNumber;
    }

    /** Whether a certificate was revoked after the last CRL was begun. */
    synchronized boolean isAheadOfList() {
        catchUp();
        return isAheadOfList;
    }

    synchronized void issued(Issued certificate) {
        append(line(
                "issued",
                certificate.at(),
                certificate.serialNumber().toString(16),
                certificate.credential(),
                certificate.notBefore(),
                certificate.notAfter(),
                certificate.purposes().stream().map(Purpose::name).sorted().collect(Collectors.joining(",")),
                String.join(",", certificate.names()),
                certificate.key(),
                certificate.issuer()));
    }

    /** Writes all entries at once; a process that is killed meanwhile leaves the first few, or none. */
    synchronized void revoked(List<BigInteger> serialNumbers, Issued.Revocation revocation) {
        append(serialNumbers.stream()
                .map(serial -> line(
                        "revoked",
                        revocation.at(),
                        serial.toString(16),
                        revocation.reason().text(),
                        UNRECORDED))
                .collect(Collectors.joining()));
    }

    /** The revoked certificates without a record in the audit log, in the order of their revocation. */
    synchronized List<Issued> unrecorded() {
        catchUp();
        return unrecorded.stream()
                .map(serial -> Objects.requireNonNull(issued.get(serial)))
                .toList();
    }

    /** Notes that the audit log has a revocation. */
    synchronized void recorded(BigInteger serialNumber, Instant now) {
        append(line("recorded", now, serialNumber.toString(16)));
    }

    /** Notes that a credential was removed from the store; other lines revoke its certificates. */
    synchronized void deleted(String credential, Instant now) {
        append(line("deleted", now, credential));
    }

    /** Reserves a new number for the next CRL. */
    synchronized long nextListNumber(Instant now) {
        catchUp();
        append(line("crl", now, listNumber + 1));
        return listNumber;
    }

    /**
     * Removes certificates that expired long ago, once they are most of the file. Revoked ones stay, because they must not
     * become valid again after a wrong clock is corrected.
     *
     * @param worthwhile the smallest number of lines to remove
     * @param kept serial numbers that always stay; called only when lines are removed
     */
    synchronized void forget(Instant now, int worthwhile, Supplier<Set<BigInteger>> kept) {
        catchUp();
        Set<BigInteger> ended = issued.values().stream()
                .filter(certificate -> certificate.revocation().isEmpty())
                .filter(certificate -> now.isAfter(certificate.notAfter().plus(MEMORY)))
                .map(Issued::serialNumber)
                .collect(Collectors.toCollection(HashSet::new));
        if (ended.size() < Math.max(worthwhile, issued.size() / 2)) {
            return;
        }
        ended.removeAll(kept.get());
        try {
            String rest = acknowledged()
                    .lines()
                    .filter(line -> !isOfNoUse(line, ended))
                    .collect(Collectors.joining("\n", "", "\n"));
            OwnedFiles.replace(file, rest.getBytes(StandardCharsets.US_ASCII), OwnedFiles.Readers.NONE);
        } catch (IOException e) {
            LOG.warn("cannot remove long expired certificates from {}: {}", file, e.toString());
        }
    }

    private String acknowledged() throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return text(channel, 0, readTo);
        }
    }

    private boolean isOfNoUse(String line, Set<BigInteger> ended) {
        String[] fields = line.split(" ", 4);
        return switch (fields[0]) {
            case "issued" -> ended.contains(new BigInteger(fields[2], 16));
            case "crl" -> Long.parseLong(fields[2]) < listNumber;
            default -> false;
        };
    }

    private static String line(Object... fields) {
        return Stream.of(fields).map(Object::toString).collect(Collectors.joining(" ", "", "\n"));
    }

    private void append(String lines) {
        catchUp();
        try (FileChannel channel = OwnedFiles.open(file)) {
            channel.truncate(readTo);
            channel.position(readTo);
            OwnedFiles.writeAll(channel, lines.getBytes(StandardCharsets.US_ASCII));
            channel.force(true);
            if (readTo == 0) {
                OwnedFiles.syncDirectory(OwnedFiles.directoryOf(file));
            }
        } catch (IOException e) {
            throw AuthorityException.StoreFailed.notWritten(file, e);
        }
        catchUp();
    }

    private void catchUp() {
        if (!Files.exists(file)) {
            return;
        }
        String fresh;
        try {
            SmallFiles.requireRegular(file);
        } catch (IOException e) {
            throw new AuthorityException.StoreFailed(file, "cannot be read", e);
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (!text(channel, readTo - lastLine.length(), readTo).equals(lastLine)) {
                startOver();
            }
            fresh = text(channel, readTo, channel.size());
        } catch (IOException e) {
            throw new AuthorityException.StoreFailed(file, "cannot be read", e);
        }
        String whole = fresh.substring(0, fresh.lastIndexOf('\n') + 1);
        whole.lines().forEach(this::read);
        readTo += whole.length();
        if (!whole.isEmpty()) {
            lastLine = whole.substring(whole.lastIndexOf('\n', whole.length() - 2) + 1);
        }
    }

    private static String text(FileChannel channel, long from, long to) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(Math.max(0, to - from)));
        channel.position(from);
        while (buffer.hasRemaining() && channel.read(buffer) >= 0) {}
        return new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII);
    }

    private void startOver() {
        issued.clear();
        unrecorded.clear();
        lastLine = "";
        readTo = 0;
        lines = 0;
        listNumber = 0;
        isAheadOfList = false;
    }

    private void read(String line) {
        lines++;
        try {
            List<String> fields = new ArrayList<>(List.of(line.split(" ", -1)));
            switch (fields.get(0)) {
                case "issued" -> readIssued(fields);
                case "revoked" -> readRevoked(fields);
                case "recorded" -> unrecorded.remove(new BigInteger(fields.get(2), 16));
                case "crl" -> readList(fields);
                case "deleted" -> Grant.checkName(fields.get(2));
                default -> throw new IllegalArgumentException("no such entry");
            }
        } catch (RuntimeException e) {
            throw new AuthorityException.StoreFailed(
                    file, "is damaged in line " + lines, "restore the file from a backup", e);
        }
    }

    private void readIssued(List<String> fields) {
        BigInteger serialNumber = new BigInteger(fields.get(2), 16);
        Set<Purpose> purposes =
                Stream.of(fields.get(6).split(",")).map(Purpose::valueOf).collect(Collectors.toSet());
        Issued certificate = new Issued(
                Instant.parse(fields.get(1)),
                serialNumber,
                fields.get(3),
                Instant.parse(fields.get(4)),
                Instant.parse(fields.get(5)),
                purposes,
                List.of(fields.get(7).split(",")),
                PublicKeyPin.parse(fields.get(8)),
                fields.get(9).toLowerCase(Locale.ROOT),
                Optional.empty());
        issued.put(serialNumber, certificate);
    }

    private void readRevoked(List<String> fields) {
        BigInteger serialNumber = new BigInteger(fields.get(2), 16);
        var revocation = new Issued.Revocation(Instant.parse(fields.get(1)), RevocationReason.parse(fields.get(3)));
        Issued certificate = issued.get(serialNumber);
        if (certificate == null) {
            throw new IllegalArgumentException("revoked, but never issued");
        }
        issued.put(serialNumber, certificate.revoked(revocation));
        if (fields.size() > 4 && fields.get(4).equals(UNRECORDED)) {
            unrecorded.add(serialNumber);
        }
        isAheadOfList = true;
    }

    private void readList(List<String> fields) {
        listNumber = Long.parseLong(fields.get(2));
        isAheadOfList = false;
    }
}
