#include "chat/name_look.h"
#include "unit.h"

/* A build without libunistring knows the letters of ASCII alone. */
static bool
knows_letters(void)
{
	return letters()->is_letter(0xe9, false);
}

static bool
is_name(const char *name)
{
	return name_fault(name) == NULL;
}

static bool
same(const char *a, const char *b)
{
	struct name_look x, y;

	name_look_at(a, &x);
	name_look_at(b, &y);
	return name_compare(&x, &y) == NAME_IS_SAME;
}

static bool
alike(const char *a, const char *b)
{
	struct name_look x, y;

	name_look_at(a, &x);
	name_look_at(b, &y);
	return name_compare(&x, &y) != NAME_DIFFERS;
}

TEST(every_character_of_a_name_counts_the_last_one_too)
{
	CHECK(is_name("anna"));
	CHECK(is_name("J.R_2-x"));
	CHECK(is_name("7"));
	CHECK(is_name("123456789012345678901234"));
	CHECK(!is_name("1234567890123456789012345"));
	CHECK(!is_name(""));
	CHECK(!is_name("anna>"));
	CHECK(!is_name(">anna"));
	CHECK(!is_name("an na"));
	CHECK(!is_name("anna "));
	CHECK(!is_name("anna\302\240"));		/* U+00A0 */
	CHECK(!is_name("anna\302\255"));		/* soft hyphen */
	CHECK(!is_name("anna\342\200\215"));		/* ZWJ */
	CHECK(!is_name("anna\357\270\217"));		/* U+FE0F */
	CHECK(!is_name("anna\343\205\244"));		/* Hangul filler */
	CHECK(!is_name("anna\341\205\237"));		/* U+115F */
	CHECK(!is_name("anna\341\205\240"));		/* U+1160 */
	CHECK(!is_name("anna\357\276\240"));		/* U+FFA0 */
	CHECK(!is_name("anna\342\240\200"));		/* U+2800 */
	CHECK(!is_name("anna\357\274\236"));		/* full width > */
	CHECK(!is_name("anna\312\274"));		/* U+02BC */
	CHECK(!is_name("anna\\040"));
}

TEST(names_of_any_language_are_names)
{
	CHECK_INT(is_name("J\303\274rg"), knows_letters());
	CHECK_INT(is_name("\320\220\320\275\320\275\320\260"),
	    knows_letters());					/* Cyrillic */
	CHECK_INT(is_name("\346\235\216\345\260\217\351\276\231"),
	    knows_letters());					/* Han */
	CHECK_INT(is_name("\345\261\261\347\224\260\343\201\277\343\203\213"),
	    knows_letters());		/* Han, Hiragana, Katakana */
	CHECK_INT(is_name("\340\244\205\340\244\250\340\245\215\340\244\250"),
	    knows_letters());			/* a mark of Devanagari */
	CHECK_INT(is_name("jo\314\210rg"), knows_letters());
	CHECK(!is_name("\314\210jorg"));	/* a mark on nothing */
}

TEST(a_name_is_of_one_script)
{
	CHECK(!is_name("ann\320\260"));			/* Cyrillic a */
	CHECK(!is_name("\320\220nna"));
	CHECK(!is_name("\316\221nna"));			/* Greek */
	CHECK(!is_name("\345\261\261\354\202\260\343\201\277"));
	CHECK(!is_name("a1\331\241"));			/* an Arabic 1 */
}

TEST(names_are_the_same_whatever_their_case_and_form)
{
	CHECK(same("Anna", "aNNA"));
	CHECK(!same("anna", "ann"));
	CHECK(!same("anna", "hanna"));
	if (!knows_letters())
		return;
	CHECK(same("J\303\274rg", "J\303\234RG"));
	CHECK(same("J\303\274rg", "ju\314\210rg"));	/* decomposed */
	CHECK(same("Stra\303\237e", "STRASSE"));
	CHECK(same("anna", "\357\275\201nna"));		/* full width a */
	CHECK(same("\320\220\320\275\320\275\320\260",
	    "\320\260\320\275\320\275\320\260"));
}

TEST(names_that_look_the_same_are_alike)
{
	CHECK(alike("Ian", "lan"));
	CHECK(alike("a1", "al"));
	CHECK(alike("B0B", "bob"));
	CHECK(alike("Marna", "Mama"));
	CHECK(!alike("ian", "lan"));
	CHECK(!alike("anna", "hanna"));
	CHECK(!alike("eva", "ewa"));
	if (!knows_letters())
		return;
	/* Cyrillic, and with an accent that is a letter of its own. */
	CHECK(alike("\320\241\320\260\321\201\320\276", "Caco"));
	CHECK(alike("\320\201\321\200\320\260", "\303\213pa"));
	CHECK(alike("\320\222\320\236\320\222", "Bob"));
	CHECK(!alike("\320\220\320\275\320\275\320\260", "anna"));
	/* Greek, Cherokee and its small letters, Lisu, small capitals. */
	CHECK(alike("\316\221\316\235\316\235\316\221", "ANNA"));
	CHECK(alike("\341\216\252\341\217\222\341\216\252", "ARA"));
	CHECK(alike("\352\255\272\352\256\242\352\255\272", "ara"));
	CHECK(alike("\352\223\220\352\223\263\352\223\220", "BOB"));
	CHECK(alike("\341\264\200\311\264\311\264\341\264\200", "anna"));
	/* Katakana and Han. */
	CHECK(alike("\343\203\255", "\345\217\243"));
}

TEST(the_name_of_a_number_is_known_in_any_disguise)
{
	CHECK(name_is_numbered("user1"));
	CHECK(name_is_numbered("USER77"));
	CHECK(name_is_numbered("userl0"));
	CHECK(name_is_numbered("userO"));
	CHECK(!name_is_numbered("user"));
	CHECK(!name_is_numbered("users"));
	CHECK(!name_is_numbered("user1a"));
	CHECK(!name_is_numbered("xuser1"));
	CHECK_INT(name_is_numbered("\357\275\225ser1"), knows_letters());
}

static bool
reserved(const char *name)
{
	struct name_look look;

	name_look_at(name, &look);
	return name_is_reserved(&look);
}

TEST(names_of_those_in_charge_are_reserved_in_any_disguise)
{
	CHECK(reserved("system"));
	CHECK(reserved("Room"));
	CHECK(reserved("0perator"));
	CHECK(reserved("adrnin"));
	CHECK(reserved("SERVER"));
	CHECK(!reserved("anna"));
	CHECK(!reserved("systems"));
	CHECK(!reserved("roomy"));
	CHECK_INT(reserved("\321\203\321\205s"), false);
	CHECK_INT(reserved("r\320\276\320\276m"), knows_letters());
}
