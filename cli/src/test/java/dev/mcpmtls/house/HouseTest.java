// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.house;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.mcpmtls.testkit.house.ClassCycles;
import dev.mcpmtls.testkit.house.StableTypes;
import java.util.List;

/**
 * The rules for all modules at once; this one sees them all but the Spring starter, whose own test has them too. Rules about one module are in
 * its own tests.
 */
@AnalyzeClasses(
        packages = "dev.mcpmtls",
        importOptions = {DoNotIncludeTests.class, HouseTest.NotTheTestKit.class})
class HouseTest {

    @ArchTest
    static final ArchRule NO_CYCLES_BETWEEN_PACKAGES =
            slices().assignedFrom(new Packages()).should().beFreeOfCycles();

    @ArchTest
    static final ArchRule NO_LARGE_CYCLES_INSIDE_A_PACKAGE = classes().should(new ClassCycles(List.of()));

    @ArchTest
    static final ArchRule STABLE_TYPES_SHOW_STABLE_TYPES_ONLY = classes().should(new StableTypes());

    /** ARCHITECTURE.md says what each takes. */
    @ArchTest
    static final ArchRule ONLY_A_FEW_CLASSES_TOUCH_INTERNALS_OF_VERTX = noClasses()
            .that()
            .haveNameNotMatching(
                    ".*\\.(TlsConnection|MalformedStreams|PendingOutput|ResponseWriter|StrictRequestDecoder"
                            + "|RecordBatches|StrictHeads)(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.vertx..internal..", "io.vertx..impl..");

    static final class NotTheTestKit implements ImportOption {

        @Override
        public boolean includes(Location location) {
            return !location.contains("/testkit/");
        }
    }

    /** Each package for itself, a module's own too, which patterns for slices leave out. */
    private static final class Packages implements SliceAssignment {

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return type.getPackageName().startsWith("dev.mcpmtls")
                    ? SliceIdentifier.of(type.getPackageName())
                    : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "packages";
        }
    }
}
