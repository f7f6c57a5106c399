// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.files.OwnedFiles;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.trust.Purpose;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The file of invitations, owner-only, one line each. Secrets are stored as their SHA-256: they have 256 random bits, so a slow hash
 * adds nothing. Callers hold the store's lock.
 *
 * <pre>ID SHA-256 NAME NAMES PURPOSES LIFETIME CREATED EXPIRES USES KEY-PINS</pre>
 */
final class Invitations {

    /** An invitation and the SHA-256 of its secret in hexadecimal. */
    record Entry(Invitation invitation, String hash) {}

    /** The time for which a used or expired invitation is remembered, so that its machine is told so. */
    private static final Duration MEMORY = Duration.ofDays(7);

    private static final String NONE = "-";

    private final Path file;

    Invitations(Path file) {
        this.file = file;
    }

    List<Entry> all() {
        if (!Files.exists(file)) {
            return List.of();
        }
        try {
            return Files.readAllLines(file, StandardCharsets.US_ASCII).stream()
                    .map(Invitations::parse)
                    .toList();
        } catch (IOException | RuntimeException e) {
            throw new AuthorityException.StoreFailed(
                    file, "is damaged", "delete it, which withdraws all invitations, and make new ones", e);
        }
    }

    /** Adds an invitation. */
    void add(Entry entry, Instant now) {
        write(Stream.concat(all().stream(), Stream.of(entry)), now);
    }

    /** Puts an invitation in the place of the one with its id. */
    void replace(Invitation changed, Instant now) {
        write(
                all().stream()
                        .map(entry ->
                                entry.invitation.id().equals(changed.id()) ? new Entry(changed, entry.hash) : entry),
                now);
    }

    void remove(String id, Instant now) {
        write(all().stream().filter(entry -> !entry.invitation.id().equals(id)), now);
    }

    private void write(Stream<Entry> entries, Instant now) {
        String lines = entries.filter(
                        entry -> now.isBefore(entry.invitation.expiresAt().plus(MEMORY)))
                .map(Invitations::line)
                .collect(Collectors.joining());
        try {
            OwnedFiles.replace(file, lines.getBytes(StandardCharsets.US_ASCII), OwnedFiles.Readers.NONE);
        } catch (IOException e) {
            throw AuthorityException.StoreFailed.notWritten(file, e);
        }
    }

    private static String line(Entry entry) {
        Invitation invitation = entry.invitation;
        Grant grant = invitation.grant();
        return Stream.of(
                        invitation.id(),
                        entry.hash,
                        grant.name(),
                        grant.names().stream().map(GrantedNames::text).collect(Collectors.joining(",")),
                        grant.purposes().stream().map(Purpose::name).sorted().collect(Collectors.joining(",")),
                        grant.lifetime(),
                        invitation.createdAt(),
                        invitation.expiresAt(),
                        invitation.uses(),
                        invitation.keys().isEmpty()
                                ? NONE
                                : invitation.keys().stream()
                                        .map(PublicKeyPin::text)
                                        .collect(Collectors.joining(",")))
                .map(Object::toString)
                .collect(Collectors.joining(" ", "", "\n"));
    }

    private static Entry parse(String line) {
        String[] fields = line.split(" ", -1);
        if (fields.length != 10) {
            throw new IllegalArgumentException("not an invitation");
        }
        Set<Purpose> purposes =
                Stream.of(fields[4].split(",")).map(Purpose::valueOf).collect(Collectors.toSet());
        Grant grant = new Grant(
                fields[2],
                Stream.of(fields[3].split(",")).map(GrantedNames::parse).toList(),
                purposes,
                Duration.parse(fields[5]));
        List<PublicKeyPin> keys = fields[9].equals(NONE)
                ? List.of()
                : Stream.of(fields[9].split(",")).map(PublicKeyPin::parse).toList();
        return new Entry(
                new Invitation(
                        fields[0].toLowerCase(Locale.ROOT),
                        grant,
                        Instant.parse(fields[6]),
                        Instant.parse(fields[7]),
                        Integer.parseInt(fields[8]),
                        keys),
                fields[1]);
    }
}
