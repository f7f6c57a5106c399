// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.files.Exposure;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The directory that {@code --dir} names:
 *
 * <pre>
 * authority/issuers/current/   ca.crt (own certificate first, trust anchor last), ca.key
 * authority/journal            issued and revoked certificates, one line each
 * credentials/NAME/            tls.crt (leaf first), tls.key (PKCS#8), ca.crt (trust anchors)
 * crl.pem                      one CRL for each issuer
 * </pre>
 *
 * <p>{@code credentials/NAME} is a symbolic link to a version of its three files. To see a matching pair while it may be
 * replaced, resolve the link once ({@link Path#toRealPath}) and read all files below the result. Thread-safe; several processes
 * may use one store.
 */
public final class Store {

    static final String CERTIFICATE = "tls.crt";
    static final String KEY = "tls.key";
    static final String ANCHORS = "ca.crt";

    private final Path directory;
    private final StoreLock lock;

    private Store(Path directory) {
        this.directory = directory;
        this.lock = new StoreLock(directory.resolve(".lock"));
    }

    /** The store in a directory, which need not exist yet. */
    public static Store at(Path directory) {
        return new Store(directory);
    }

    /** The store that contains a credential's directory; empty when there is none. */
    public static Optional<Store> of(Path credential) {
        Path credentials = credential.toAbsolutePath().normalize().resolveSibling("");
        return credentials.endsWith("credentials") ? Optional.of(at(credentials.resolveSibling(""))) : Optional.empty();
    }

    /** The directory of the store. */
    public Path directory() {
        return directory;
    }

    /**
     * The directory of a credential, existing or not.
     *
     * @throws IllegalArgumentException when {@code name} is not a credential's name, see {@link Grant}
     */
    public Path credential(String name) {
        return directory.resolve("credentials").resolve(Grant.checkName(name));
    }

    /** The names of all credentials, in order. */
    public List<String> credentialNames() {
        Path credentials = directory.resolve("credentials");
        if (!Files.exists(credentials)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(credentials)) {
            return entries.filter(entry -> !Files.isRegularFile(entry)) // such as PKCS#12
                    .map(entry -> entry.getFileName().toString())
                    .filter(Grant::isName)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new AuthorityException.StoreFailed(credentials, "cannot be listed", e);
        }
    }

    /** The file of CRLs, in PEM, one after the other. */
    public Path revocationList() {
        return directory.resolve("crl.pem");
    }

    /** Whether an authority was initialised here. */
    public boolean hasAuthority() {
        return issuers().exists();
    }

    /** The directories of the store that a user other than the caller and root owns or can write, sticky bit or not. */
    public List<Exposure> exposures() {
        return Stream.of("", "authority", "authority/.versions", "credentials", "credentials/.versions")
                .flatMap(part -> Exposure.ofDirectory(directory.resolve(part)).stream())
                .toList();
    }

    /**
     * Refuses a store to which others could add files that are then trusted.
     *
     * @throws AuthorityException.StoreFailed when another user owns or can write one of its directories, unless that is on a read-only
     *     mount
     */
    public void requireOwn() {
        exposures().stream()
                .filter(exposure -> !exposure.isTolerable())
                .findFirst()
                .ifPresent(exposure -> {
                    throw new AuthorityException.StoreFailed(
                            exposure.path(), "cannot be trusted as a store: " + exposure.why(), exposure.remedy());
                });
    }

    boolean holds(String name) {
        return credentialFiles(name).exists();
    }

    /** Whether a credential's link is broken, or a credential made here lacks a file. */
    boolean isIncomplete(String name) {
        Path directory = credential(name);
        if (!credentialFiles(name).isOurs()) {
            return !Files.exists(directory);
        }
        return Stream.of(CERTIFICATE, KEY, ANCHORS).anyMatch(file -> !Files.exists(directory.resolve(file)));
    }

    SwappedDirectory credentialFiles(String name) {
        return new SwappedDirectory(credential(name));
    }

    SwappedDirectory issuers() {
        return new SwappedDirectory(directory.resolve("authority").resolve("issuers"));
    }

    /** The serial number of a credential's leaf; empty when it cannot be read. */
    Optional<BigInteger> serialNumber(String name) {
        try {
            return Optional.of(
                    StoredCredential.read(credentialFiles(name), name).serialNumber());
        } catch (AuthorityException e) {
            return Optional.empty();
        }
    }

    Journal journal() {
        return new Journal(directory.resolve("authority").resolve("journal"));
    }

    StoreLock lock() {
        return lock;
    }

    /** Writes a credential, in place of an existing one of that name. */
    void install(String name, Issuance issuance, byte[] key) {
        credentialFiles(name)
                .replace(Map.of(
                        CERTIFICATE, SwappedDirectory.Content.open(issuance.chainPem()),
                        KEY, SwappedDirectory.Content.secret(key),
                        ANCHORS, SwappedDirectory.Content.open(issuance.anchorsPem())));
    }

    @Override
    public String toString() {
        return "Store[" + directory + "]";
    }
}
