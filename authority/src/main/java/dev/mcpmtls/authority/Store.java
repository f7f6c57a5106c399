// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.files.Exposure;
import dev.mcpmtls.files.OwnedFiles;
import dev.mcpmtls.files.SmallFiles;
import dev.mcpmtls.identity.Identity;
import dev.mcpmtls.remedy.Act;
import dev.mcpmtls.remedy.Remedy;
import dev.mcpmtls.remedy.Setting;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The directory that {@code --dir} names:
 *
 * <pre>
 * authority/issuers/current/   ca.crt (own certificate first, trust anchor last), ca.key
 * authority/journal            issued and revoked certificates, one line each
 * authority/invitations        permissions to enrol over the network, one line each
 * authority/address            where machines elsewhere reach it: one line, a URL
 * credentials/NAME/            tls.crt (leaf first), tls.key (PKCS#8), ca.crt (trust anchors), and renewal if it came over the network
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

    private static final int MOST_BYTES = 4096;

    private final Path directory;
    private final StoreLock lock;
    private final StoreLock renewals;

    private Store(Path directory) {
        this.directory = directory;
        this.lock = new StoreLock(directory.resolve(".lock"));
        this.renewals = new StoreLock(directory.resolve(".renewal-lock"));
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

    /** The directory of the authority's certificates and keys: a link that leads elsewhere after each change of authority. */
    public Path authority() {
        return issuers().path();
    }

    /** Whether an authority was initialised here. */
    public boolean hasAuthority() {
        return issuers().exists();
    }

    /** The trust domain in whose names the authority was made, see {@link AuthorityProfile}; empty when there is none. */
    public Optional<String> trustDomain() {
        return hasAuthority()
                ? new Issuers(issuers(), Optional.empty())
                        .certificate(Issuers.Slot.CURRENT)
                        .map(Issuer::organisation)
                : Optional.empty();
    }

    /** Where the key is that the authority signs with; empty when it is in a file of the store, or there is no authority. */
    public Optional<Pkcs11Key> token() {
        return new Issuers(issuers(), Optional.empty()).token();
    }

    /**
     * Refuses a store without an authority.
     *
     * @throws AuthorityException.StoreFailed when it had one, which is lost
     * @throws AuthorityException.Unavailable when it never had one
     */
    public void requireAuthority() {
        if (hasAuthority()) {
            return;
        }
        requireNoneLost();
        throw new AuthorityException.Unavailable(
                "there is no authority in " + directory,
                Remedy.of(Act.Verb.INITIALISE)
                        .then(", or name its directory with ")
                        .then(Setting.STORE));
    }

    /** Refuses a store whose authority is lost: another one in its place would leave every certificate of the first untrusted, without a word. */
    void requireNoneLost() {
        traceOfLostAuthority().ifPresent(trace -> {
            throw new AuthorityException.StoreFailed(
                    issuers().path(),
                    "is gone, although " + trace,
                    "restore it from a backup, or move " + directory + " away to begin with a new authority");
        });
    }

    private Optional<String> traceOfLostAuthority() {
        if (hasAuthority()) {
            return Optional.empty();
        }
        if (!journal().issued().isEmpty()) {
            return Optional.of(directory.resolve("authority/journal") + " knows certificates of its authority");
        }
        if (!invitations().all().isEmpty()) {
            return Optional.of(directory.resolve("authority/invitations") + " has invitations of its authority");
        }
        return credentialNames().stream()
                .filter(name ->
                        credentialFiles(name).isOurs() && renewalSource(name).isEmpty())
                .findFirst()
                .map(name -> credential(name) + " was issued by its authority");
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

    /** Whether there is a credential of that name, ours or not. */
    public boolean holds(String name) {
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

    /**
     * The names in a credential's certificate.
     *
     * @throws AuthorityException.StoreFailed when it cannot be read
     */
    public List<Identity> names(String name) {
        return StoredCredential.read(credentialFiles(name), name).grant().names();
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

    /**
     * Checks that a credential can be written, before it is issued.
     *
     * @throws AuthorityException.StoreFailed when its directory is not ours, or cannot be written
     */
    public void requireWritable(String name) {
        credentialFiles(name).requireWritable();
    }

    /** Writes a credential, in place of an existing one of that name. */
    void install(String name, Issuance issuance, byte[] key) {
        credentialFiles(name).replace(files(issuance, key));
    }

    /**
     * Writes a credential that came over the network, in place of an existing one of that name.
     *
     * @param key PKCS#8 in PEM; wiped
     */
    public void install(String name, Issuance issuance, byte[] key, RenewalSource source) {
        Map<String, SwappedDirectory.Content> files = new HashMap<>(files(issuance, key));
        files.put(RenewalSource.FILE, SwappedDirectory.Content.open(source.text()));
        lock.alone(() -> {
            credentialFiles(name).replace(files);
            return name;
        });
    }

    private static Map<String, SwappedDirectory.Content> files(Issuance issuance, byte[] key) {
        return Map.of(
                CERTIFICATE, SwappedDirectory.Content.open(issuance.chainPem()),
                KEY, SwappedDirectory.Content.secret(key),
                ANCHORS, SwappedDirectory.Content.open(issuance.anchorsPem()));
    }

    /**
     * Where a credential is renewed over the network; empty when it did not come from there.
     *
     * @throws AuthorityException.StoreFailed when the file that says so is damaged
     */
    public Optional<RenewalSource> renewalSource(String name) {
        Path file = credential(name).resolve(RenewalSource.FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(RenewalSource.parse(SmallFiles.read(file, MOST_BYTES)));
        } catch (IOException | IllegalArgumentException e) {
            throw new AuthorityException.StoreFailed(
                    file,
                    "cannot be used",
                    Remedy.of("correct it, or ")
                            .then(Act.of(Act.Verb.JOIN))
                            .then(" again")
                            .text(),
                    e);
        }
    }

    /** Runs one renewal over the network at a time, among all processes. Other work on the store goes on meanwhile. */
    public <T> T renewing(Supplier<T> work) {
        return renewals.alone(work);
    }

    /** Where machines elsewhere reach the authority of this store; empty before {@code authority serve} has run. */
    public Optional<URI> address() {
        try {
            return Files.exists(addressFile())
                    ? Optional.of(URI.create(
                            new String(SmallFiles.read(addressFile(), MOST_BYTES), StandardCharsets.UTF_8).strip()))
                    : Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            throw new AuthorityException.StoreFailed(addressFile(), "cannot be read", e);
        }
    }

    /** Remembers where machines elsewhere reach the authority. */
    public void address(URI address) {
        try {
            OwnedFiles.replace(
                    addressFile(), (address + "\n").getBytes(StandardCharsets.UTF_8), OwnedFiles.Readers.NONE);
        } catch (IOException e) {
            throw AuthorityException.StoreFailed.notWritten(addressFile(), e);
        }
    }

    private Path addressFile() {
        return directory.resolve("authority").resolve("address");
    }

    Invitations invitations() {
        return new Invitations(directory.resolve("authority").resolve("invitations"));
    }

    @Override
    public String toString() {
        return "Store[" + directory + "]";
    }
}
