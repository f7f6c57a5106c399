// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import dev.mcpmtls.files.Exposure;
import dev.mcpmtls.remedy.Act;
import dev.mcpmtls.remedy.Remedy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.PrivateKey;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A private key and the chain that names its owner. Its text form shows the subject, never the key. Immutable.
 *
 * <p>Creating one proves that the key belongs to the leaf: the leaf's public key verifies a signature by the private key.
 */
public final class Credential {

    /** The file with the chain, leaf first. */
    public static final String CHAIN_FILE = "tls.crt";

    /** The file with the private key. */
    public static final String KEY_FILE = "tls.key";

    /** The file that says where the credential is renewed, where that is another machine. */
    public static final String RENEWAL_FILE = Restoration.RENEWAL_FILE;

    private static final int MAX_KEY_BYTES = 64 * 1024;
    private static final int MAX_CHAIN_BYTES = 256 * 1024;
    private static final int MAX_PKCS12_BYTES = 1024 * 1024;

    private final String name;
    private final PrivateKey privateKey;
    private final Chain chain;
    private final List<String> warnings;
    private final boolean isFromElsewhere;

    private Credential(
            String name,
            PrivateKey privateKey,
            Chain chain,
            List<String> warnings,
            Optional<Act> restoring,
            boolean isFromElsewhere) {
        if (!PrivateKeys.belongTogether(privateKey, chain.leaf().getPublicKey())) {
            String wrong = "the private key of " + name + " does not belong to its certificate for "
                    + Printable.clean(chain.leaf().getSubjectX500Principal().toString());
            if (isUnordered(privateKey, chain)) {
                throw new UnusableCredentialException(wrong + ", but to a later one of the chain; put that one first");
            }
            Remedy remedy = Remedy.of("replace both together");
            throw new UnusableCredentialException(
                    wrong, restoring.map(act -> remedy.then(", or ").then(act)).orElse(remedy));
        }
        this.name = name;
        this.privateKey = privateKey;
        this.chain = chain;
        this.warnings = List.copyOf(warnings);
        this.isFromElsewhere = isFromElsewhere;
    }

    private static boolean isUnordered(PrivateKey privateKey, Chain chain) {
        return chain.certificates().stream()
                .anyMatch(certificate -> PrivateKeys.belongTogether(privateKey, certificate.getPublicKey()));
    }

    /**
     * A credential made from parts already in memory.
     *
     * @param name the operators' name for it, for example {@code weather}; appears in logs and remedies
     * @throws UnusableCredentialException when the key does not belong to the leaf
     */
    public static Credential of(String name, PrivateKey privateKey, Chain chain) {
        return new Credential(name, privateKey, chain, List.of(), Optional.empty(), false);
    }

    /**
     * Loads {@code tls.crt} and an unencrypted {@code tls.key} from a directory, or an unencrypted PKCS#12 file.
     *
     * @see #load(Path, char[])
     */
    public static Credential load(Path location) {
        return load(location, new char[0]);
    }

    /**
     * Loads a credential. A link to a directory is followed once, so that key and chain come from the same version while
     * the link is being moved.
     *
     * @param location a directory with {@code tls.crt} (leaf first) and {@code tls.key} (PEM: PKCS#8, encrypted PKCS#8,
     *     PKCS#1 or SEC1), named after the credential; or a PKCS#12 file with one key
     * @param passphrase of the key or PKCS#12 file; empty when there is none; the caller wipes it
     * @throws UnusableCredentialException when a file is missing, too large, damaged, writable by others, the key does
     *     not belong to the leaf, or the leaf may not sign handshakes; names the file and the remedy
     */
    public static Credential load(Path location, char[] passphrase) {
        String name = location.toAbsolutePath().normalize().getFileName().toString();
        if (Files.isRegularFile(location)) {
            byte[] contents = Pem.read(location, MAX_PKCS12_BYTES);
            Pkcs12.Entry entry = Pkcs12.parse(location, contents, passphrase);
            return new Credential(
                            name.replaceFirst("\\.[^.]*$", ""),
                            entry.privateKey(),
                            entry.chain(),
                            permissionWarnings(location),
                            Optional.empty(),
                            false)
                    .requireSigning(location.toString());
        }
        Path directory = resolve(location);
        Path keyFile = directory.resolve(KEY_FILE);
        Path chainFile = directory.resolve(CHAIN_FILE);
        Pem.requireRegular(keyFile);
        byte[] key = Pem.read(keyFile, MAX_KEY_BYTES);
        try {
            List<String> warnings = permissionWarnings(keyFile);
            PrivateKey privateKey = PrivateKeys.parse(keyFile, key, passphrase);
            Pem.requireRegular(chainFile);
            Optional<Act> restoring = Restoration.act(location.resolve(KEY_FILE));
            Chain chain = Chain.load(chainFile, MAX_CHAIN_BYTES);
            boolean isFromElsewhere = Files.exists(directory.resolve(RENEWAL_FILE));
            return new Credential(name, privateKey, chain, warnings, restoring, isFromElsewhere)
                    .requireSigning(chainFile.toString());
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    /**
     * This credential, if its leaf may sign handshakes. TLS 1.3 peers accept no other, and some engines then blame the peer's
     * certificate.
     *
     * @param source the name in the message, for example the file
     * @throws UnusableCredentialException when the leaf's key usage lacks digitalSignature
     */
    public Credential requireSigning(String source) {
        boolean[] keyUsage = chain.leaf().getKeyUsage();
        if (keyUsage != null && !keyUsage[0]) {
            throw new UnusableCredentialException("cannot use the certificate in " + source
                    + ": its key usage does not include digitalSignature, with which both sides of TLS 1.3"
                    + " prove that they hold their keys (RFC 8446, section 4.4.2.2); have it issued again with"
                    + " the key usage digitalSignature");
        }
        return this;
    }

    /** The operators' name for this credential. */
    public String name() {
        return name;
    }

    /** The private key of the leaf. */
    public PrivateKey privateKey() {
        return privateKey;
    }

    /** Leaf first, then intermediates. */
    public Chain chain() {
        return chain;
    }

    /** Warnings for the operator, one sentence each, for example about a key file that others can read. Usually empty. */
    public List<String> warnings() {
        return warnings;
    }

    /**
     * The remedy for a fault of this credential: the usual one, unless that needs an authority on another machine, which commands on this
     * machine cannot reach.
     */
    public Remedy remedy(Remedy usual) {
        return isFromElsewhere && !usual.acts().isEmpty() ? Restoration.elsewhere() : usual;
    }

    @Override
    public String toString() {
        return "Credential[" + name + ", "
                + Printable.clean(chain.leaf().getSubjectX500Principal().toString()) + ", key redacted]";
    }

    private static Path resolve(Path directory) {
        try {
            return directory.toRealPath();
        } catch (IOException e) {
            throw new UnusableCredentialException(
                    "no credential at " + directory, Restoration.ofCredential(directory), e);
        }
    }

    private static List<String> permissionWarnings(Path keyFile) {
        Exposure.ofFile(keyFile).filter(exposure -> !exposure.isTolerable()).ifPresent(exposure -> {
            throw new UnusableCredentialException(keyFile + " can be replaced by other users: " + exposure.why() + "; "
                    + exposure.remedy() + ", and consider the key stolen");
        });
        Set<PosixFilePermission> permissions;
        try {
            permissions = Files.getPosixFilePermissions(keyFile);
        } catch (IOException | UnsupportedOperationException e) {
            return List.of(); // no POSIX permissions here, so no warning about them
        }
        if (permissions.contains(PosixFilePermission.GROUP_WRITE)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new UnusableCredentialException(keyFile + " can be replaced by other users; run 'chmod 600 " + keyFile
                    + "' and consider the key stolen");
        }
        if (permissions.contains(PosixFilePermission.OTHERS_READ)
                || permissions.contains(PosixFilePermission.GROUP_READ)) {
            return List.of(keyFile + " can be read by other users; run 'chmod 600 " + keyFile + "'");
        }
        return List.of();
    }
}
