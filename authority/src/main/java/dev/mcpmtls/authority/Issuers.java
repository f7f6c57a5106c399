// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.authority;

import dev.mcpmtls.authority.SwappedDirectory.Content;
import dev.mcpmtls.files.SmallFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The keys this authority signs with, on disk: the current issuer, and during a change of authority the next or the previous
 * one. They change together, as one directory. Keys are decrypted when first needed. Callers hold the store's lock, or only
 * read certificates.
 */
final class Issuers {

    /** The role of an issuer. */
    enum Slot {
        /** Signs leaves. */
        CURRENT,
        /** Trusted already, signs nothing yet. */
        NEXT,
        /** Signs no more leaves, but still revokes those it signed. */
        PREVIOUS;

        String file(String name) {
            return directory() + name;
        }

        private String directory() {
            return name().toLowerCase(Locale.ROOT) + "/";
        }
    }

    static final String PATH = "ca.crt";
    static final String KEY = "ca.key";
    static final String ROOT_KEY = "root.key";
    static final String ROOT_LIST = "root.crl";

    private static final List<String> FILES = List.of(PATH, KEY, ROOT_KEY, ROOT_LIST);

    private final SwappedDirectory directory;
    private final IssuerKeys keys;
    private final Map<Slot, List<X509Certificate>> paths = new EnumMap<>(Slot.class);
    private final Map<Slot, Issuer> opened = new EnumMap<>(Slot.class);
    private Optional<Path> version = Optional.empty();

    Issuers(SwappedDirectory directory, Optional<Passphrase> passphrase) {
        this.directory = directory;
        this.keys = new IssuerKeys(passphrase);
    }

    /** Creates a new, independent authority and puts it into a slot beside the others; the first one becomes the current one. */
    void add(Slot slot, AuthorityProfile profile, Surroundings surroundings) {
        Map<String, byte[]> files = new HashMap<>();
        AuthorityProfile placed = profile;
        if (directory.exists()) {
            current(); // Decrypts its key: the new one is then encrypted in the same way, with the same passphrase.
            files.putAll(files());
            placed = beside(profile);
        }
        put(files, slot, new NewIssuer(placed, keys, surroundings).root());
        write(files);
    }

    /** The same profile with the next key in the token of the current one, if that is in one. */
    private AuthorityProfile beside(AuthorityProfile profile) {
        return token().map(keys::unused).map(profile::in).orElse(profile);
    }

    /** Where the key of the current issuer is; empty when it is in a file of the store. Needs no passphrase. */
    Optional<Pkcs11Key> token() {
        return IssuerKeys.token(file(Slot.CURRENT));
    }

    /** Creates another intermediate below the current root, and moves the present one to the previous slot. */
    void replaceIntermediate(Path rootKey, AuthorityProfile profile, Surroundings surroundings) {
        X509Certificate own = certificate(Slot.CURRENT).orElseThrow();
        X509Certificate root = anchors().get(0);
        if (own.equals(root)) {
            throw new AuthorityException.Refused("this authority has no intermediate: its root signs by itself");
        }
        current(); // As above.
        Issuer signer = new Issuer(List.of(root), keys.load(rootKey, root.getPublicKey()));
        Map<String, byte[]> files = moved(Map.of(Slot.CURRENT, Slot.PREVIOUS));
        put(files, Slot.CURRENT, new NewIssuer(beside(profile), keys, surroundings).below(signer));
        for (String ofRoot : List.of(ROOT_KEY, ROOT_LIST)) {
            Optional.ofNullable(files.remove(Slot.PREVIOUS.file(ofRoot)))
                    .ifPresent(content -> files.put(Slot.CURRENT.file(ofRoot), content));
        }
        write(files);
    }

    /** Moves issuers from slot to slot; those not named stay. */
    void move(Map<Slot, Slot> moves) {
        write(moved(moves));
    }

    /** Empties a slot, and removes its key from the disk. */
    void drop(Slot slot) {
        Map<String, byte[]> files = files();
        files.keySet().removeIf(file -> file.startsWith(slot.directory()));
        write(files);
    }

    /** The issuer that signs leaves, with its decrypted key. */
    Issuer current() {
        return issuer(Slot.CURRENT).orElseThrow(this::noCurrent);
    }

    private AuthorityException noCurrent() {
        return new AuthorityException.StoreFailed(
                directory.path(), "has no current issuer", "restore it from a backup");
    }

    /** Checks that the key that signs leaves exists, can be decrypted, and can sign where it is in a token. */
    synchronized void check() {
        refresh();
        if (!paths.containsKey(Slot.CURRENT)) {
            throw noCurrent();
        }
        Issuer current = opened.get(Slot.CURRENT);
        if (current == null) {
            key(Slot.CURRENT);
        } else {
            current.check();
        }
    }

    /** The issuer of a slot with its decrypted key; empty when the slot is empty. */
    synchronized Optional<Issuer> issuer(Slot slot) {
        refresh();
        if (!paths.containsKey(slot)) {
            return Optional.empty();
        }
        return Optional.of(opened.computeIfAbsent(slot, this::open));
    }

    /** The trust anchors for holders of our certificates, the current one first. */
    synchronized List<X509Certificate> anchors() {
        refresh();
        return paths.values().stream()
                .map(path -> path.get(path.size() - 1))
                .distinct()
                .toList();
    }

    /** The certificates of all slots: own ones, and those between them and the anchors. */
    synchronized List<X509Certificate> published() {
        refresh();
        return paths.values().stream().flatMap(List::stream).distinct().toList();
    }

    /** The issuer's own certificate; empty when the slot is empty. */
    synchronized Optional<X509Certificate> certificate(Slot slot) {
        refresh();
        return Optional.ofNullable(paths.get(slot)).map(path -> path.get(0));
    }

    /** The CRLs that roots signed when they created their intermediate, in PEM. */
    synchronized List<byte[]> rootLists() {
        Map<String, byte[]> files = files();
        return Stream.of(Slot.values())
                .map(slot -> files.get(slot.file(ROOT_LIST)))
                .filter(Objects::nonNull)
                .toList();
    }

    private Map<String, byte[]> files() {
        return directory.read(Stream.of(Slot.values())
                .flatMap(slot -> FILES.stream().map(slot::file))
                .toList());
    }

    private Map<String, byte[]> moved(Map<Slot, Slot> moves) {
        Map<String, byte[]> before = files();
        Map<String, byte[]> after = new HashMap<>(before);
        moves.keySet().forEach(from -> FILES.forEach(name -> after.remove(from.file(name))));
        moves.forEach((from, to) -> FILES.stream()
                .filter(name -> before.containsKey(from.file(name)))
                .forEach(name -> after.put(to.file(name), before.get(from.file(name)))));
        return after;
    }

    private static void put(Map<String, byte[]> files, Slot slot, Map<String, byte[]> issuer) {
        issuer.forEach((name, content) -> files.put(slot.file(name), content));
    }

    private void write(Map<String, byte[]> files) {
        Map<String, Content> contents = new HashMap<>();
        files.forEach((name, bytes) ->
                contents.put(name, name.endsWith(".key") ? Content.secret(bytes) : Content.open(bytes)));
        directory.replace(contents);
        directory.forgetPrevious();
    }

    private void refresh() {
        Path reading = directory.path();
        try {
            Path now = directory.path().toRealPath();
            if (version.isPresent() && version.get().equals(now)) {
                return;
            }
            paths.clear();
            opened.clear();
            for (Slot slot : Slot.values()) {
                reading = now.resolve(slot.file(PATH));
                if (Files.exists(reading)) {
                    paths.put(
                            slot,
                            Pem.parseCertificates(SmallFiles.readRegular(reading, SwappedDirectory.MAX_FILE_BYTES)));
                }
            }
            version = Optional.of(now);
        } catch (IOException | CertificateException e) {
            throw new AuthorityException.StoreFailed(reading, "holds no usable authority", e);
        }
    }

    private Issuer open(Slot slot) {
        return new Issuer(path(slot), key(slot));
    }

    private SigningKey key(Slot slot) {
        return keys.own(file(slot), path(slot).get(0).getPublicKey());
    }

    private List<X509Certificate> path(Slot slot) {
        List<X509Certificate> path = paths.get(slot);
        if (path == null) {
            throw new IllegalStateException("nothing in slot " + slot);
        }
        return path;
    }

    private Path file(Slot slot) {
        return directory.path().resolve(slot.file(KEY));
    }
}
