// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Does a bundle meet the requirements of the public Maven repository? Prints each fault, and exits with 1 when there is one.
 *
 * <p>{@code java BundleCheck.java BUNDLE BOM [--to-publish]}: the zip file, and the pom that lists what it holds. Signatures are checked by
 * the caller, because only gpg knows the keys.
 *
 * <p>{@code java BundleCheck.java --same JAR JAR}: have the two jars the same entries, beside the pom inside?
 */
final class BundleCheck {

    private static final String GROUP = "dev.mcpmtls";
    private static final List<String> FIELDS = List.of(
            "name",
            "description",
            "url",
            "licenses/license/name",
            "licenses/license/url",
            "developers/developer/name",
            "scm/connection",
            "scm/developerConnection",
            "scm/url",
            "issueManagement/url");

    private final Set<String> faults = new TreeSet<>();

    public static void main(String[] args) throws Exception {
        if (args[0].equals("--same")) {
            System.exit(entries(args[1]).equals(entries(args[2])) ? 0 : 1);
        }
        BundleCheck check = new BundleCheck();
        try (FileSystem zip = FileSystems.newFileSystem(Path.of(args[0]))) {
            check.bundle(zip.getPath("/"), listed(Path.of(args[1])), args.length > 2);
        }
        check.faults.forEach(System.out::println);
        System.exit(check.faults.isEmpty() ? 0 : 1);
    }

    private void bundle(Path root, Set<String> listed, boolean toPublish) throws Exception {
        Map<String, Document> poms = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(root)) {
            for (Path file : walk.filter(Files::isRegularFile).toList()) {
                String name = file.getFileName().toString();
                if (name.matches(".*\\.(pom|jar)")) {
                    accompanied(file);
                } else if (!name.matches(".*\\.(pom|jar)\\.(asc|md5|sha1)")) {
                    fault(name, "is no file of a release");
                }
                if (name.endsWith(".pom")) {
                    poms.put(file.getParent().getParent().getFileName().toString(), parse(file));
                    layout(file, parse(file));
                }
            }
        }
        if (!poms.keySet().equals(listed)) {
            fault("bundle", "holds " + poms.keySet() + ", and the bom lists " + listed);
        }
        poms.forEach((artifact, pom) -> {
            fields(artifact, pom, toPublish);
            versions(artifact, pom, poms.keySet());
        });
    }

    /** Each file comes with its signature and with checksums that are right. */
    private void accompanied(Path file) throws Exception {
        for (String suffix : List.of("asc", "md5", "sha1")) {
            Path other = file.resolveSibling(file.getFileName() + "." + suffix);
            if (!Files.exists(other)) {
                fault(file.getFileName(), "has no ." + suffix);
            } else if (!suffix.equals("asc")
                    && !digest(file, suffix).equals(Files.readString(other).strip())) {
                fault(file.getFileName(), "does not match its ." + suffix);
            }
        }
    }

    /** The directory is the coordinates; a library comes with sources and documentation. */
    private void layout(Path file, Document pom) throws IOException {
        String artifact = text(pom, "artifactId");
        String version = text(pom, "version");
        Path expected = Path.of("/", GROUP.replace('.', '/'), artifact, version, artifact + "-" + version + ".pom");
        if (!file.toString().equals(expected.toString())
                || !text(pom, "groupId").equals(GROUP)) {
            fault(file, "is not where its coordinates say: " + expected);
        }
        if (text(pom, "packaging").equals("pom")) {
            return;
        }
        holds(file, "", ".class");
        holds(file, "-sources", ".java");
        holds(file, "-javadoc", "index.html");
    }

    private void holds(Path pom, String kind, String ending) throws IOException {
        Path jar = pom.resolveSibling(pom.getFileName().toString().replaceFirst("\\.pom$", kind + ".jar"));
        if (!Files.exists(jar)) {
            fault(jar.getFileName(), "is missing");
            return;
        }
        try (FileSystem inside = FileSystems.newFileSystem(Files.copy(jar, temporary(jar)), (ClassLoader) null);
                Stream<Path> walk = Files.walk(inside.getPath("/"))) {
            if (walk.noneMatch(entry -> entry.toString().endsWith(ending))) {
                fault(jar.getFileName(), "holds no " + ending);
            }
        }
    }

    private void fields(String artifact, Document pom, boolean toPublish) {
        for (String field : FIELDS) {
            String value = text(pom, field.split("/"));
            if (value.isEmpty() || value.contains("${")) {
                fault(artifact, "has no " + field);
            } else if (toPublish && value.contains(".invalid")) {
                fault(artifact, "has a placeholder as " + field + ": " + value);
            }
        }
        for (String unwanted : List.of("parent", "repositories", "pluginRepositories", "build")) {
            if (child(pom.getDocumentElement(), unwanted) != null) {
                fault(artifact, "has the element " + unwanted);
            }
        }
    }

    /** Nothing that is unreleased, and nothing of ours that is not in the bundle. */
    private void versions(String artifact, Document pom, Set<String> published) {
        List<Element> all = new ArrayList<>(List.of(pom.getDocumentElement()));
        var dependencies = pom.getElementsByTagName("dependency");
        for (int i = 0; i < dependencies.getLength(); i++) {
            all.add((Element) dependencies.item(i));
        }
        for (Element element : all) {
            String version = text(element, "version").replace("${project.version}", text(pom, "version"));
            String what = artifact + ": " + text(element, "groupId") + ":" + text(element, "artifactId");
            if (!version.matches("[0-9][\\w.-]*") || version.endsWith("-SNAPSHOT")) {
                fault(what, "has no released version: '" + version + "'");
            }
            if (text(element, "groupId").equals(GROUP) && !published.contains(text(element, "artifactId"))) {
                fault(what, "is not published");
            }
            if (text(element, "scope").matches("test|system")) {
                fault(what, "is of no use to a program that depends on it");
            }
        }
    }

    private void fault(Object what, String fault) {
        faults.add(what + " " + fault);
    }

    private static Set<String> listed(Path bom) throws Exception {
        Set<String> artifacts = new TreeSet<>();
        Document pom = parse(bom);
        artifacts.add(text(pom, "artifactId"));
        var dependencies = pom.getElementsByTagName("dependency");
        for (int i = 0; i < dependencies.getLength(); i++) {
            artifacts.add(text((Element) dependencies.item(i), "artifactId"));
        }
        return artifacts;
    }

    private static List<String> entries(String jar) throws IOException {
        try (ZipFile zip = new ZipFile(jar)) {
            return zip.stream()
                    .filter(entry -> !entry.getName().startsWith("META-INF/maven/"))
                    .map(entry -> entry.getName() + " " + entry.getCrc() + " " + entry.getTime())
                    .toList();
        }
    }

    private static Path temporary(Path jar) throws IOException {
        Path directory = Files.createTempDirectory("bundle");
        Path copy = directory.resolve(jar.getFileName().toString());
        copy.toFile().deleteOnExit();
        directory.toFile().deleteOnExit();
        return copy;
    }

    private static String digest(Path file, String algorithm) throws Exception {
        String name = algorithm.equals("md5") ? "MD5" : "SHA-1";
        return HexFormat.of().formatHex(MessageDigest.getInstance(name).digest(Files.readAllBytes(file)));
    }

    private static Document parse(Path pom) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        try (InputStream in = Files.newInputStream(pom)) {
            return factory.newDocumentBuilder().parse(in);
        }
    }

    private static String text(Document pom, String... path) {
        return text(pom.getDocumentElement(), path);
    }

    /** The text at a path of element names, or nothing. */
    private static String text(Element from, String... path) {
        Element at = from;
        for (String name : path) {
            at = at == null ? null : child(at, name);
        }
        return at == null ? "" : at.getTextContent().strip();
    }

    private static Element child(Element parent, String name) {
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element && element.getTagName().equals(name)) {
                return element;
            }
        }
        return null;
    }
}
